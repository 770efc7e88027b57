package deploy

import (
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// TestFlags checks that the program has every flag that the chart sets, and that a volume is mounted for each file in the
// flags.
func TestFlags(t *testing.T) {
	binary, err := suite.Binary(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name, values string
		unknown      bool
	}{
		{"defaults", "", false},
		{"self-managed", "certificates: {source: self-managed, secretName: other}", false},
		{"service-ca", "certificates: {source: service-ca}", false},
		{"files", "certificates: {source: files, caBundle: CA}", false},
		{"preset openshift", "preset: openshift", false},
		{"other ports", "ports: {webhook: 1, metrics: 2, health: 3}", false},
		{"extraArgs", "extraArgs: [--zap-log-level=debug, --tls-min-version=VersionTLS13]", false},
		{"file in an additional volume", additional, false},
		{"unknown extraArgs", "extraArgs: [--tls-version=1.3]", true}, // shows that the other rows can fail
	} {
		suite.rows.Run(t, row.name, func(t *testing.T) {
			pod := deployment(t, render(t, row.values, "--namespace", "guard")).Spec.Template.Spec
			args := append(slices.Clone(pod.Containers[0].Args), "--help") // succeeds only if all flags are known
			out, err := exec.CommandContext(t.Context(), binary, args...).CombinedOutput()
			if unknown := err != nil; unknown != row.unknown {
				t.Errorf("unknown flags among %q: %t, want %t\n%s", args, unknown, row.unknown, out)
			}
			expectMounted(t, pod)
		})
	}
}

// expectMounted expects volumes for the files in flags.
func expectMounted(t *testing.T, pod corev1.PodSpec) {
	t.Helper()
	var mounts []string
	for _, mount := range pod.Containers[0].VolumeMounts {
		mounts = append(mounts, mount.MountPath)
	}
	for _, arg := range pod.Containers[0].Args {
		_, value, _ := strings.Cut(arg, "=")
		if path.IsAbs(value) && !slices.Contains(mounts, value) && !slices.Contains(mounts, path.Dir(value)) {
			t.Errorf("nothing is mounted for %s; the mounts are %q", arg, mounts)
		}
	}
}
