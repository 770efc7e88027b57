package e2e

import "testing"

// TestIdentities makes the same malformed request as the identities of common installations of Whereabouts, which are in
// observe mode, and as users, who are denied.
func TestIdentities(t *testing.T) {
	account := func(namespace, name string) string { return "system:serviceaccount:" + namespace + ":" + name }
	bad := newPool("10.0.0.0/24", at("1", "web-0"))
	for _, identity := range []struct {
		installation, name string
		observed           bool
	}{
		{"upstream manifest, k3s, Tanzu", account("kube-system", "whereabouts"), true},
		{"upstream Helm chart", account("kube-system", "whereabouts-whereabouts-chart"), true},
		{"RKE2", account("kube-system", "rke2-multus-rke2-whereabouts"), true},
		{"RKE2, as a subchart", account("kube-system", "multus-rke2-whereabouts"), true},
		{"Harvester", account("kube-system", "harvester-whereabouts"), true},
		{"telekom, CNI", account("kube-system", "whereabouts-cni"), true},
		{"telekom, operator", account("kube-system", "whereabouts-whereabouts-operator"), true},
		{"telekom, operator of the chart", account("kube-system", "whereabouts-whereabouts-chart-operator"), true},
		{"Antrea", account("kube-system", "antrea-agent-whereabouts"), true},
		{"deletion of namespaces", account("kube-system", "namespace-controller"), true},
		{"garbage collection", account("kube-system", "generic-garbage-collector"), true},
		{"kube-controller-manager", "system:kube-controller-manager", true},

		{"Whereabouts in another namespace", account("cni", "whereabouts"), false},
		{"a namespace that begins like kube-system", account("kube-system-2", "whereabouts"), false},
		{"another service account of kube-system", account("kube-system", "multus"), false},
		{"OpenShift without its preset", account("openshift-multus", "multus-ancillary-tools"), false},
		{"a user called whereabouts", "whereabouts", false},
	} {
		t.Run(identity.installation, func(t *testing.T) {
			user, err := suite.User(t.Context(), identity.name)
			if err != nil {
				t.Fatal(err)
			}
			want := denied(usersWebhook, "10.0.0.0-24", noPod)
			if identity.observed {
				want = allowed(noPod)
			}
			expect(t, newClient(t, user, newScene(t).jane.namespace).create(t, bad), want)
		})
	}
}
