package deploy

import (
	"testing"

	certmanagerv1 "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	rbacv1 "k8s.io/api/rbac/v1"
)

// TestNamespaceOfKustomization sets `namespace: guard` in a kustomization of a user, and expects this namespace in every object
// and in every text that contains it.
func TestNamespaceOfKustomization(t *testing.T) {
	suite.rows.Run(t, "cert-manager", func(t *testing.T) {
		all := buildFrom(t, map[string]string{"kustomization.yaml": "namespace: guard\nresources: [../manifests/overlays/observability]\ncomponents: [../manifests/components/whereabouts-observe]\n"})
		expectGuard(t, all)
		validating, mutating := configurations(t, all)
		expect(t, "certificate to trust", "guard/ippool-webhook-serving", validating.Annotations["cert-manager.io/inject-ca-from"])
		expect(t, "certificate to trust", "guard/ippool-webhook-serving", mutating.Annotations["cert-manager.io/inject-ca-from"])
		var certificate certmanagerv1.Certificate
		all.get(t, "Certificate ippool-webhook-serving", &certificate)
		expect(t, "names in the certificate", []string{"ippool-webhook.guard.svc", "ippool-webhook.guard.svc.cluster.local"}, certificate.Spec.DNSNames)
	})
	suite.rows.Run(t, "self-managed", func(t *testing.T) {
		all := buildFrom(t, map[string]string{"kustomization.yaml": "namespace: guard\nresources: [../manifests/overlays/self-managed]\n"})
		expectGuard(t, all)
		var role rbacv1.RoleBinding
		all.get(t, "RoleBinding ippool-webhook", &role)
		var clusterRole rbacv1.ClusterRoleBinding
		all.get(t, "ClusterRoleBinding ippool-webhook", &clusterRole)
		for _, subjects := range [][]rbacv1.Subject{role.Subjects, clusterRole.Subjects} {
			expect(t, "subjects", []rbacv1.Subject{{Kind: "ServiceAccount", Name: name, Namespace: "guard"}}, subjects)
		}
	})
}

// expectGuard expects the namespace guard in every object, in the Namespace, and in every webhook.
func expectGuard(t *testing.T, all objects) {
	t.Helper()
	expectNamespace(t, all)
	if _, ok := all["Namespace guard"]; !ok {
		t.Error("there is no Namespace guard")
	}
	validating, mutating := configurations(t, all)
	for _, webhook := range validating.Webhooks {
		expect(t, "namespace of the Service of "+webhook.Name, "guard", webhook.ClientConfig.Service.Namespace)
	}
	expect(t, "namespace of the Service of the mutating webhook", "guard", mutating.Webhooks[0].ClientConfig.Service.Namespace)
}
