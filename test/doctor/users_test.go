package doctor

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ippool-webhook/webhook/ippool"
)

// TestAsWhereabouts runs doctor as Whereabouts, whose requests are not denied.
func TestAsWhereabouts(t *testing.T) {
	whereabouts, err := suite.kubeconfig("system:serviceaccount:kube-system:whereabouts", "system:masters")
	if err != nil {
		t.Fatal(err)
	}
	await(t, expectation{check: "admission", status: warn, remedy: "run doctor as another user",
		message: "the dry run does not show whether pools are validated: the match conditions recognize system:serviceaccount:kube-system:whereabouts as Whereabouts"}, "--kubeconfig", whereabouts)
}

// TestReader runs doctor with no permissions, and then with the permissions that its remedies name.
func TestReader(t *testing.T) {
	awaitHealthy(t)
	reader, err := suite.kubeconfig("reader", "operators")
	if err != nil {
		t.Fatal(err)
	}
	await(t, expectation{check: "crd", status: warn, message: "not checked: forbidden to get customresourcedefinitions",
		remedy: `grant the user of doctor the permission to get customresourcedefinitions (apiGroups: ["apiextensions.k8s.io"])`,
		also: statuses{
			"validating-webhook": warn, "mutating-webhook": warn, "ca-bundle": warn, "serving-certificate": warn, "certificate": warn,
			"secret": warn, "pools": warn, "admission": warn, "other-webhooks": warn, "identities": warn, "known-fields": warn,
		}, code: 2, stderr: "no check could run: grant the permissions in the report"}, "--kubeconfig", reader)

	grant(t, "",
		rule("get", "apiextensions.k8s.io", "customresourcedefinitions"),
		rule("get", "admissionregistration.k8s.io", "validatingwebhookconfigurations", "mutatingwebhookconfigurations"),
		rule("list", "rbac.authorization.k8s.io", "clusterroles", "roles", "clusterrolebindings", "rolebindings"))
	await(t, expectation{check: "secret", status: warn, message: "not checked: forbidden to get secrets",
		remedy: `grant the user of doctor the permission to get secrets (apiGroups: [""]) in namespace ippool-webhook`,
		also:   statuses{"serving-certificate": warn, "certificate": warn, "pools": warn, "admission": warn, "other-webhooks": warn}}, "--kubeconfig", reader)

	grant(t, name, rule("get", "", "services"), rule("list", "discovery.k8s.io", "endpointslices"), rule("list", "cert-manager.io", "certificates"))
	grant(t, metav1.NamespaceSystem, rule("create", ippool.Group, ippool.Resource))
	grant(t, "", rule("list", ippool.Group, ippool.Resource),
		rule("list", "admissionregistration.k8s.io", "validatingwebhookconfigurations", "mutatingwebhookconfigurations"))
	await(t, expectation{check: "secret", status: warn, message: "not checked: forbidden to get secrets"}, "--kubeconfig", reader)
	grant(t, name, rule("get", "", "secrets"))
	await(t, expectation{check: "secret", status: pass}, "--kubeconfig", reader)

	define(t, "spec.gateway") // from here on, doctor needs the Policy
	await(t, expectation{check: "known-fields", status: warn,
		message: "cannot read the Policy: forbidden to get configmaps; " + outsideAll + "spec.gateway" + deniedWith,
		remedy: `grant the user of doctor the permission to get configmaps (apiGroups: [""]) in namespace ippool-webhook, or set --config to the file that contains the Policy; ` +
			lineToExtend + `knownFields: ["spec.gateway"]`}, "--kubeconfig", reader)
	grant(t, name, rule("get", "", "configmaps"))
	await(t, expectation{check: "known-fields", status: warn, message: hasFields + ofPolicy + ": spec.gateway"}, "--kubeconfig", reader)
	remove(t, policyMap(policyName)) // as if kustomize had given it another name, which the Deployment has
	await(t, expectation{check: "known-fields", status: warn, message: "cannot read the Policy: forbidden to get deployments; " + outsideAll + "spec.gateway",
		remedy: `grant the user of doctor the permission to get deployments (apiGroups: ["apps"]) in namespace ippool-webhook, or set --config`}, "--kubeconfig", reader)
	grant(t, name, rule("get", "apps", "deployments"))
	await(t, expectation{check: "known-fields", status: warn, message: "there is no ConfigMap ippool-webhook/ippool-webhook-policy"}, "--kubeconfig", reader)
}

func rule(verb, group string, resources ...string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{Verbs: []string{verb}, APIGroups: []string{group}, Resources: resources}
}

// grant gives permissions to the reader, in a namespace or in the cluster, until the end of the test.
func grant(t *testing.T, namespace string, rules ...rbacv1.PolicyRule) {
	t.Helper()
	meta := metav1.ObjectMeta{GenerateName: "doctor-", Namespace: namespace}
	subjects := []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: "reader"}}
	role := &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{GenerateName: "doctor-"}, Rules: rules}
	add(t, role)
	ref := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role.Name}
	if namespace == corev1.NamespaceAll {
		add(t, &rbacv1.ClusterRoleBinding{ObjectMeta: meta, RoleRef: ref, Subjects: subjects})
		return
	}
	add(t, &rbacv1.RoleBinding{ObjectMeta: meta, RoleRef: ref, Subjects: subjects})
}
