package doctor

import (
	"errors"
	"fmt"
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// pools returns the metadata of pools in these namespaces.
func pools(namespaces ...string) read[*metav1.PartialObjectMetadataList] {
	list := &metav1.PartialObjectMetadataList{}
	for i, namespace := range namespaces {
		list.Items = append(list.Items, metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: fmt.Sprint("pool-", i)}})
	}
	return read[*metav1.PartialObjectMetadataList]{value: list}
}

// TestPoolNamespace returns the namespace of the dry run.
func TestPoolNamespace(t *testing.T) {
	for _, test := range []struct {
		name string
		in   []string
		want string
	}{
		{"no pools", nil, "kube-system"},
		{"one namespace", []string{"cni"}, "cni"},
		{"the most pools", []string{"a", "b", "b"}, "b"},
		{"as many pools", []string{"b", "a"}, "a"},
		{"as many as kube-system", []string{"kube-system", "whereabouts"}, "kube-system"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := poolNamespace(pools(test.in...)); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// TestCheckPools reports finalizers.
func TestCheckPools(t *testing.T) {
	c := &cluster{pools: pools("a", "a")}
	expectLine(t, checkPools(c), Pass, "2 pools have no finalizers")
	c.pools = pools("a", "a", "a", "a", "a")
	for i := range c.pools.value.Items {
		c.pools.value.Items[i].Finalizers = []string{"example.com/hold"}
	}
	expectLine(t, checkPools(c), Warn, "a/pool-0 (example.com/hold), a/pool-1 (example.com/hold), a/pool-2 (example.com/hold) and 2 more can be deleted with allocations")
	c.pools.err = apierrors.NewForbidden(schema.GroupResource{}, "", errors.New("no"))
	expectLine(t, checkPools(c), Warn, "not checked: forbidden to")
}

// TestCheckOthers reports webhooks of other products.
func TestCheckOthers(t *testing.T) {
	rule := func(group, version, resource string) []admissionv1.RuleWithOperations {
		return []admissionv1.RuleWithOperations{{Rule: admissionv1.Rule{APIGroups: []string{group}, APIVersions: []string{version}, Resources: []string{resource}}}}
	}
	users := []admissionv1.MatchCondition{{Name: "users", Expression: "!request.userInfo.username.startsWith('system:serviceaccount:kube-system:')"}}
	for _, test := range []struct {
		name   string
		w      admissionv1.ValidatingWebhook
		status Status
		want   string
	}{
		{"other resource", admissionv1.ValidatingWebhook{Rules: rule("apps", "v1", "deployments")}, Pass, "no other webhook is called for pools"},
		{"wildcards", admissionv1.ValidatingWebhook{Rules: rule("*", "*", "*/*")}, Warn,
			"(failurePolicy Fail), also for requests of Whereabouts: each pod start waits for it, and if it does not answer, pods get addresses that no pool records"},
		{"ignored failures", admissionv1.ValidatingWebhook{Rules: rule("whereabouts.cni.cncf.io", "v1alpha1", "ippools"), FailurePolicy: new(admissionv1.Ignore)}, Warn,
			"(failurePolicy Ignore), also for requests of Whereabouts: each pod start waits for it"},
		{"not Whereabouts", admissionv1.ValidatingWebhook{Rules: rule("*", "*", "ippools"), MatchConditions: users}, Warn, "but not for requests of Whereabouts"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := &cluster{}
			if w := (webhook{ValidatingWebhook: test.w}); w.matchesPools() {
				c.others.value = []otherWebhook{{"ValidatingWebhookConfiguration kyverno", w}}
			}
			expectLine(t, checkOthers(c), test.status, test.want)
		})
	}
}
