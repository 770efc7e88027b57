package deploy

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
)

// TestMemory checks that GOMEMLIMIT is nine tenths of the memory limit, in every format of a quantity.
func TestMemory(t *testing.T) {
	for _, row := range []struct{ limit, want string }{
		{"512Mi", "460MiB"},
		{"1000Mi", "900MiB"},
		{"360Mi", "324MiB"}, // the minimum
		{"1Gi", "921MiB"},
		{"1G", "858MiB"},
		{"0.5Gi", "460MiB"},
		{".5Gi", "460MiB"},
		{"+1Gi", "921MiB"},
		{"500M", "429MiB"},
		{"524288Ki", "460MiB"},
		{"524288k", "450MiB"},
		{"536870912", "460MiB"}, // a number of YAML
		{"'536870912'", "460MiB"},
		{"1e9", "858MiB"},
		{"1E9", "858MiB"},
		{"'1e9'", "858MiB"},
		{"1Ti", "943718MiB"},
	} {
		suite.rows.Run(t, row.limit, func(t *testing.T) {
			all := render(t, "resources: {limits: {memory: "+row.limit+"}}")
			container := deployment(t, all).Spec.Template.Spec.Containers[0]
			expect(t, "environment", []corev1.EnvVar{{Name: "GOMEMLIMIT", Value: row.want}}, container.Env)
			expect(t, "request", "64Mi", container.Resources.Requests.Memory().String())
			if err := dryRunApply(t, all["Deployment ippool-webhook"]); err != nil {
				t.Errorf("the API server rejects the limit: %v", err)
			}
		})
	}
}
