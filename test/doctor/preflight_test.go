package doctor

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ippool-webhook/webhook/ippool"
)

// TestPreflight examines a cluster before an installation, with each prerequisite missing in turn.
func TestPreflight(t *testing.T) {
	awaitHealthy(t)
	remove(t, validating())
	remove(t, mutating())
	add(t, daemonSet("kube-system", "whereabouts"))
	addCertManager(t)
	examine := func(t *testing.T, want expectation) {
		t.Helper()
		if want.status == fail {
			want.code = 1
		}
		await(t, want, "--preflight", "--kubeconfig", suite.jane)
	}
	t.Run("healthy", func(t *testing.T) {
		examine(t, expectation{check: "identities", status: pass,
			message: "the match conditions recognize system:serviceaccount:kube-system:whereabouts, the service account of DaemonSet kube-system/whereabouts (ghcr.io/k8snetworkplumbingwg/whereabouts:v0.9.4), as Whereabouts"})
		examine(t, expectation{check: "crd", status: pass, message: "(Whereabouts v0.8 or later)"})
		examine(t, expectation{check: "installation", status: pass, message: "the webhook is not installed"})
	})
	for _, account := range []struct{ installation, name string }{
		{"upstream Helm chart", "whereabouts-whereabouts-chart"}, {"RKE2", "rke2-multus-rke2-whereabouts"}, {"Harvester", "harvester-whereabouts"},
		{"telekom", "whereabouts-whereabouts-operator"}, {"Antrea", "antrea-agent-whereabouts"},
	} {
		t.Run(account.installation, func(t *testing.T) {
			add(t, binding("another-installation", "kube-system", account.name))
			examine(t, expectation{check: "identities", status: pass, message: "system:serviceaccount:kube-system:" + account.name})
		})
	}
	t.Run("OpenShift", func(t *testing.T) {
		add(t, binding("another-installation", "openshift-multus", "multus-ancillary-tools"))
		examine(t, expectation{check: "identities", status: fail, message: "system:serviceaccount:openshift-multus:multus-ancillary-tools writes pools",
			remedy: "add system:serviceaccount:openshift-multus:multus-ancillary-tools to the chart value webhooks.whereabouts.extraUsernames"})
	})
	t.Run("Whereabouts under another name", func(t *testing.T) {
		add(t, namespace("cni"))
		add(t, daemonSet("cni", "daemon"))
		add(t, &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: "pool-writer"}, Rules: []rbacv1.PolicyRule{{
			APIGroups: []string{ippool.Group}, Resources: []string{ippool.Resource}, Verbs: []string{"patch"},
		}}})
		b := binding("another-installation", "cni", "daemon")
		b.RoleRef.Name = "pool-writer"
		add(t, b)
		examine(t, expectation{check: "identities", status: fail, message: "system:serviceaccount:cni:daemon, the service account of DaemonSet cni/daemon (ghcr.io/k8snetworkplumbingwg/whereabouts:v0.9.4), writes pools through role pool-writer",
			remedy: "extraUsernames"})
	})
	t.Run("no cert-manager", func(t *testing.T) {
		remove(t, object(&apiextensionsv1.CustomResourceDefinition{}, "", "certificates.cert-manager.io"))
		examine(t, expectation{check: "cert-manager", status: fail, message: "cert-manager is not installed", remedy: "certificates.source: self-managed"})
	})
	t.Run("field outside the schema", func(t *testing.T) {
		define(t, "spec.gateway")
		examine(t, expectation{check: "known-fields", status: warn, message: "fields outside the webhook's schema: spec.gateway", remedy: `knownFields: ["spec.gateway"]`})
	})
}

// TestPreflightOfInstallation checks that preflight warns about an existing installation.
func TestPreflightOfInstallation(t *testing.T) {
	awaitHealthy(t)
	addCertManager(t)
	await(t, expectation{check: "installation", status: warn, message: "there is a ValidatingWebhookConfiguration ippool-webhook",
		remedy: "run doctor without --preflight"}, "--preflight", "--kubeconfig", suite.jane)
}

func namespace(name string) client.Object {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
}

// daemonSet returns a DaemonSet that runs Whereabouts under a service account.
func daemonSet(namespace, account string) client.Object {
	labels := map[string]string{"app": account}
	return &appsv1.DaemonSet{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: account},
		Spec: appsv1.DaemonSetSpec{
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{ServiceAccountName: account, Containers: []corev1.Container{
					{Name: "cni", Image: "ghcr.io/k8snetworkplumbingwg/whereabouts:v0.9.4"},
				}},
			},
		},
	}
}

// addCertManager adds an available Deployment of cert-manager until the end of the test.
func addCertManager(t *testing.T) {
	t.Helper()
	labels := map[string]string{"app.kubernetes.io/instance": "cert-manager"}
	d := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: name, Name: "cert-manager", Labels: labels},
		Spec: appsv1.DeploymentSpec{
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "controller", Image: "cert-manager"}}},
			},
		},
	}
	add(t, d)
	d.Status = appsv1.DeploymentStatus{Replicas: 1, UpdatedReplicas: 1, ReadyReplicas: 1, AvailableReplicas: 1}
	if err := suite.admin.Status().Update(t.Context(), d); err != nil {
		t.Fatal(err)
	}
}
