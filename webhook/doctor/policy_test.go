package doctor

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// stored is the content of the API server: the name of the ConfigMap that the Deployment mounts, the data of each ConfigMap, and the
// errors for kinds that cannot be read.
type stored struct {
	mounted    string
	configMaps map[string]map[string]string
	errors     map[string]error
}

func (s stored) Get(_ context.Context, key client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	if key.Namespace != "guard" {
		return errors.New("wrong namespace " + key.Namespace)
	}
	switch into := into.(type) {
	case *appsv1.Deployment:
		if key.Name != "ippool-webhook" {
			return errors.New("wrong Deployment " + key.Name)
		}
		if err := s.errors["deployments"]; err != nil {
			return err
		}
		certs := corev1.Volume{VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{}}}
		policy := corev1.Volume{VolumeSource: corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: s.mounted}}}}
		into.Spec.Template.Spec.Volumes = []corev1.Volume{certs, policy}
	case *corev1.ConfigMap:
		if err := s.errors["configmaps"]; err != nil {
			return err
		}
		data, ok := s.configMaps[key.Name]
		if !ok {
			return apierrors.NewNotFound(schema.GroupResource{Resource: "configmaps"}, key.Name)
		}
		into.Data = data
	}
	return nil
}

func (stored) List(context.Context, client.ObjectList, ...client.ListOption) error {
	return errors.New("unexpected request: the Policy is read with get, not with list")
}

func TestReadPolicy(t *testing.T) {
	const head = "apiVersion: config.ippool-webhook/v1alpha1\nkind: Policy\n"
	with := func(field string) map[string]string {
		return map[string]string{"policy.yaml": head + "knownFields: [" + field + "]\n"}
	}
	file := filepath.Join(t.TempDir(), "policy.yaml")
	if err := os.WriteFile(file, []byte(head+"knownFields: [of-file]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	forbidden := func(resource string) map[string]error {
		return map[string]error{resource: apierrors.NewForbidden(schema.GroupResource{Resource: resource}, "", nil)}
	}
	missing := map[string]error{"deployments": apierrors.NewNotFound(schema.GroupResource{Resource: "deployments"}, "ippool-webhook")}
	const plain, hashed, orFile = "ippool-webhook-policy", "ippool-webhook-policy-5t7h2k8b9m", ", or set --config to the file that contains the Policy"
	for _, test := range []struct {
		name   string
		stored stored
		file   string
		want   any // the known field and the source of the Policy, or the problem
	}{
		{"of the chart", stored{plain, map[string]map[string]string{plain: with("a")}, nil}, "", [2]string{"a", "ConfigMap guard/" + plain}},
		{"of kustomize", stored{hashed, map[string]map[string]string{plain: with("a"), hashed: with("b")}, nil}, "", [2]string{"b", "ConfigMap guard/" + hashed}},
		{"another volume", stored{"ippool-webhook-policies", map[string]map[string]string{plain: with("a")}, nil}, "", [2]string{"a", "ConfigMap guard/" + plain}},
		{"no Deployment", stored{"", map[string]map[string]string{plain: with("a")}, missing}, "", [2]string{"a", "ConfigMap guard/" + plain}},
		{"Deployment forbidden, ConfigMap of the chart", stored{"", map[string]map[string]string{plain: with("a")}, forbidden("deployments")}, "", [2]string{"a", "ConfigMap guard/" + plain}},
		{
			"Deployment forbidden, ConfigMap of kustomize", stored{"", map[string]map[string]string{hashed: with("b")}, forbidden("deployments")}, "",
			problem{Warn, "cannot read the Policy: forbidden to get deployments", `grant the user of doctor the permission to get deployments (apiGroups: ["apps"]) in namespace guard` + orFile},
		},
		{
			"ConfigMap forbidden", stored{plain, nil, forbidden("configmaps")}, "",
			problem{Warn, "cannot read the Policy: forbidden to get configmaps", `grant the user of doctor the permission to get configmaps (apiGroups: [""]) in namespace guard` + orFile},
		},
		{
			"no answer", stored{plain, nil, map[string]error{"configmaps": errors.New("timeout")}}, "",
			problem{Warn, "cannot read the Policy: cannot get configmaps: timeout", "find out why the API server does not answer, or increase --timeout" + orFile},
		},
		{"no ConfigMap", stored{hashed, nil, nil}, "", problem{Warn, "cannot read the Policy: there is no ConfigMap guard/" + hashed, nameFile}},
		{"no key", stored{plain, map[string]map[string]string{plain: {"other.yaml": head}}, nil}, "", problem{Warn, "cannot read the Policy: ConfigMap guard/" + plain + " has no key policy.yaml", nameFile}},
		{
			"invalid", stored{plain, map[string]map[string]string{plain: {"policy.yaml": head + "knownField: [a]\n"}}, nil}, "",
			problem{Warn, "the Policy (ConfigMap guard/" + plain + `) is invalid: line 3: unknown field "knownField"`, "correct the Policy: serve does not start with it"},
		},
		{"file", stored{plain, map[string]map[string]string{plain: with("a")}, nil}, file, [2]string{"of-file", file}},
		{"no file", stored{plain, map[string]map[string]string{plain: with("a")}, nil}, "/does/not/exist", problem{Warn, "cannot read the Policy: open /does/not/exist: no such file or directory", nameFile}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := readPolicy(t.Context(), test.stored, &target{namespace: "guard", name: "web", port: 443}, test.file)
			var got any = p.problem
			if p.value != nil {
				got = [2]string{p.value.KnownFields[0], p.source}
			}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(problem{})); diff != "" {
				t.Errorf("Policy (-want +got):\n%s", diff)
			}
		})
	}
}

// TestPolicyWithoutService checks that doctor needs a file with the Policy if no webhook calls a Service. The ConfigMap is in the
// namespace of the Service.
func TestPolicyWithoutService(t *testing.T) {
	want := problem{Warn, "cannot find the Policy: no webhook calls a Service", nameFile}
	if got := readPolicy(t.Context(), stored{}, nil, ""); got.problem != want || got.value != nil {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := readPolicy(t.Context(), stored{}, nil, "../../manifests/base/policy.yaml"); got.value == nil {
		t.Errorf("%+v, want the Policy of the file", got)
	}
}
