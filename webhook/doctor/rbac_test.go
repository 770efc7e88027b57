package doctor

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ippool-webhook/webhook/ippool"
)

func TestFindServiceAccounts(t *testing.T) {
	rules := func(groups, resources, verbs string) []rbacv1.PolicyRule {
		return []rbacv1.PolicyRule{{APIGroups: strings.Fields(groups), Resources: strings.Fields(resources), Verbs: strings.Fields(verbs)}}
	}
	clusterRole := func(name string, rules []rbacv1.PolicyRule) rbacv1.ClusterRole {
		return rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: rules}
	}
	account := func(name string) []rbacv1.Subject {
		return []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: "cni", Name: name}, {Kind: "User", Name: "user-" + name}}
	}
	clusterBinding := func(role string) rbacv1.ClusterRoleBinding {
		return rbacv1.ClusterRoleBinding{RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: role}, Subjects: account("of-" + role)}
	}
	binding := func(namespace, kind, role, name string) rbacv1.RoleBinding {
		return rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: namespace}, RoleRef: rbacv1.RoleRef{Kind: kind, Name: role}, Subjects: account(name)}
	}
	got := findServiceAccounts(
		[]rbacv1.ClusterRole{
			clusterRole("patch", rules(ippool.Group, "ippools overlappingrangeipreservations", "get patch")),
			clusterRole("everything-of-group", rules("other "+ippool.Group, "*", "*")),
			clusterRole("read", rules(ippool.Group, "ippools", "get list watch create delete")),
			clusterRole("admin", rules("*", "*", "*")),
			clusterRole("other-resource", rules(ippool.Group, "nodeslicepools", "update")),
			clusterRole("unbound", rules(ippool.Group, "ippools", "update")),
		},
		[]rbacv1.Role{{ObjectMeta: metav1.ObjectMeta{Namespace: "a", Name: "local"}, Rules: rules(ippool.Group, "ippools", "update")}},
		[]rbacv1.ClusterRoleBinding{
			clusterBinding("patch"), clusterBinding("patch"), clusterBinding("everything-of-group"), clusterBinding("read"), clusterBinding("admin"),
			clusterBinding("other-resource"), clusterBinding("local"), clusterBinding("gone"),
		},
		[]rbacv1.RoleBinding{binding("a", "Role", "local", "here"), binding("b", "Role", "local", "elsewhere"), binding("b", "ClusterRole", "patch", "bound")},
	)
	want := []serviceAccount{{"cni", "bound", "patch"}, {"cni", "here", "local"}, {"cni", "of-everything-of-group", "everything-of-group"}, {"cni", "of-patch", "patch"}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(serviceAccount{})); diff != "" {
		t.Errorf("service accounts (-want +got):\n%s", diff)
	}
}

func TestCheckIdentities(t *testing.T) {
	whereabouts := []serviceAccount{{"kube-system", "whereabouts", "whereabouts-cni"}}
	for _, test := range []struct {
		name            string
		serviceAccounts []serviceAccount
		status          Status
		want            string
	}{
		{"none", nil, Warn, "no service account has a role that names ippools"},
		{"recognized", whereabouts, Pass, "the match conditions recognize system:serviceaccount:kube-system:whereabouts as Whereabouts (mode Observe)"},
		{"another name", []serviceAccount{{"kube-system", "rke2-multus-rke2-whereabouts", "w"}}, Pass, "the match conditions recognize system:serviceaccount:kube-system:rke2-multus-rke2-whereabouts as Whereabouts"},
		{"by its role", []serviceAccount{{"cni", "daemon", "whereabouts-cni"}}, Fail, "system:serviceaccount:cni:daemon writes pools through role whereabouts-cni and is not recognized"},
		{"by its name", []serviceAccount{{"cni", "multus", "cni"}}, Fail, "system:serviceaccount:cni:multus"},
		{"another service account", []serviceAccount{{"kube-system", "whereabouts", "w"}, {"ops", "editor", "pool-editor"}}, Warn, "system:serviceaccount:ops:editor writes pools"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := installed(t)
			c.serviceAccounts.value = test.serviceAccounts
			got := checkIdentities(c).result("")
			if got.Status != test.status || !strings.Contains(got.Message, test.want) {
				t.Errorf("%s: %s; want %s: %s", got.Status, got.Message, test.status, test.want)
			}
		})
	}
	t.Run("skipped", func(t *testing.T) {
		c := installed(t)
		c.serviceAccounts.value = whereabouts
		c.validating.webhooks = c.validating.webhooks[:1]
		expectLine(t, checkIdentities(c), Pass, "the match conditions recognize system:serviceaccount:kube-system:whereabouts as Whereabouts (mode Skip)")
	})
	t.Run("malformed condition", func(t *testing.T) {
		c := installed(t)
		c.serviceAccounts.value = whereabouts
		c.conditions = []admissionv1.MatchCondition{{Name: "users", Expression: "request.("}}
		expectLine(t, checkIdentities(c), Warn, "doctor cannot evaluate the match conditions for system:serviceaccount:kube-system:whereabouts")
	})
}
