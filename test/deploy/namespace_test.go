package deploy

import (
	"testing"

	certmanagerv1 "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	rbacv1 "k8s.io/api/rbac/v1"
)

// TestNamespaceOfKustomization sets `namespace: guard` in a kustomization of a user.
func TestNamespaceOfKustomization(t *testing.T) {
	suite.rows.Run(t, "cert-manager", func(t *testing.T) {
		expectTrusted(t, buildFrom(t, map[string]string{"kustomization.yaml": "namespace: guard\nresources: [../manifests/overlays/observability]\n" +
			"components: [../manifests/components/whereabouts-observe]\n"}))
	})
	suite.rows.Run(t, "self-managed", func(t *testing.T) {
		expectPermitted(t, buildFrom(t, map[string]string{"kustomization.yaml": "namespace: guard\nresources: [../manifests/overlays/self-managed]\n"}))
	})
	suite.rows.Run(t, "Namespace", func(t *testing.T) {
		all := buildFrom(t, map[string]string{"kustomization.yaml": "namespace: guard\nresources: [../manifests/overlays/cert-manager]\n"})
		if _, ok := all["Namespace guard"]; !ok {
			t.Error("there is no Namespace guard")
		}
	})
}

// testOtherNamespace installs the chart in the namespace guard.
func testOtherNamespace(t *testing.T) {
	expectTrusted(t, render(t, monitoring, "--namespace", "guard"))
	expectPermitted(t, render(t, "certificates: {source: self-managed}", "--namespace", "guard"))
}

// expectTrusted expects the namespace guard in every object, and in every text about the certificate of cert-manager.
func expectTrusted(t *testing.T, all objects) {
	t.Helper()
	expectGuard(t, all)
	validating, mutating := configurations(t, all)
	for _, annotations := range []map[string]string{validating.Annotations, mutating.Annotations} {
		expect(t, "certificate to trust", "guard/ippool-webhook-serving", annotations["cert-manager.io/inject-ca-from"])
	}
	var certificate certmanagerv1.Certificate
	all.get(t, "Certificate ippool-webhook-serving", &certificate)
	expect(t, "names in the certificate", []string{"ippool-webhook.guard.svc", "ippool-webhook.guard.svc.cluster.local"}, certificate.Spec.DNSNames)
}

// expectPermitted expects the namespace guard in every object, and in the permissions of the replicas.
func expectPermitted(t *testing.T, all objects) {
	t.Helper()
	expectGuard(t, all)
	var role rbacv1.RoleBinding
	all.get(t, "RoleBinding ippool-webhook", &role)
	var clusterRole rbacv1.ClusterRoleBinding
	all.get(t, "ClusterRoleBinding ippool-webhook", &clusterRole)
	for _, subjects := range [][]rbacv1.Subject{role.Subjects, clusterRole.Subjects} {
		expect(t, "subjects", []rbacv1.Subject{{Kind: "ServiceAccount", Name: name, Namespace: "guard"}}, subjects)
	}
}

// expectGuard expects that every namespaced object is in the namespace guard, and that every webhook calls a Service in it.
func expectGuard(t *testing.T, all objects) {
	t.Helper()
	for key, object := range all {
		namespaced, err := suite.admin.IsObjectNamespaced(object)
		if err != nil {
			t.Fatal(err)
		}
		want := ""
		if namespaced {
			want = "guard"
		}
		expect(t, "namespace of "+key, want, object.GetNamespace())
	}
	validating, mutating := configurations(t, all)
	for _, webhook := range validating.Webhooks {
		expect(t, "namespace of the Service of "+webhook.Name, "guard", webhook.ClientConfig.Service.Namespace)
	}
	expect(t, "namespace of the Service of the mutating webhook", "guard", mutating.Webhooks[0].ClientConfig.Service.Namespace)
}
