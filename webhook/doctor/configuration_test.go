package doctor

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"ippool-webhook/webhook/server"
)

// installed returns a cluster with the shipped webhook configurations. The webhook for Whereabouts is in observe mode.
func installed(t *testing.T) *cluster {
	t.Helper()
	expected, err := readShipped()
	if err != nil {
		t.Fatal(err)
	}
	again, err := readShipped()
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{shipped: *expected, conditions: expected.users.MatchConditions}
	c.validating = configuration{kind: "ValidatingWebhookConfiguration", name: "ippool-webhook", webhooks: []webhook{again.users, again.whereabouts}}
	c.mutating = configuration{kind: "MutatingWebhookConfiguration", name: "ippool-webhook", webhooks: []webhook{again.mutating}}
	c.service = serviceOf(c.webhooks())
	return c
}

// TestShipped compares the names and modes in this package with the manifests.
func TestShipped(t *testing.T) {
	c := installed(t)
	var names []string
	for _, w := range c.webhooks() {
		names = append(names, w.Name)
	}
	if diff := cmp.Diff([]string{usersWebhook, whereaboutsWebhook, mutatingWebhook}, names); diff != "" {
		t.Errorf("webhooks (-want +got):\n%s", diff)
	}
	if !c.validating.webhooks[0].validates() || c.mutating.webhooks[0].validates() {
		t.Error("validates() must be true for the validating webhook and false for the mutating webhook")
	}
	expectLine(t, checkValidating(c), Pass, "ValidatingWebhookConfiguration ippool-webhook matches the shipped manifests (users: Enforce, Whereabouts: Observe)")
	expectLine(t, checkMutating(c), Pass, "MutatingWebhookConfiguration ippool-webhook matches the shipped manifests")
}

// TestModes checks every mode that the components and the chart can set.
func TestModes(t *testing.T) {
	enforce := func(w *webhook) { w.ClientConfig.Service.Path = new(server.ValidatePath) }
	observe := func(w *webhook) {
		w.ClientConfig.Service.Path, w.FailurePolicy = new(server.ObservePath), new(admissionv1.Ignore)
	}
	t.Run("Whereabouts skipped", func(t *testing.T) {
		c := installed(t)
		c.validating.webhooks = c.validating.webhooks[:1]
		expectLine(t, checkValidating(c), Pass, "(users: Enforce, Whereabouts: Skip)")
	})
	t.Run("Whereabouts enforced", func(t *testing.T) {
		c := installed(t)
		enforce(&c.validating.webhooks[1])
		expectLine(t, checkValidating(c), Pass, "(users: Enforce, Whereabouts: Enforce)")
	})
	t.Run("users observed", func(t *testing.T) {
		c := installed(t)
		observe(&c.validating.webhooks[0])
		expectLine(t, checkValidating(c), Warn, "users are in observe mode: no request is denied")
		expectLine(t, checkMutating(c), Warn, "pools are normalized although users are in observe mode")
		c.mutating.err = apierrors.NewForbidden(schema.GroupResource{Resource: "mutatingwebhookconfigurations"}, "ippool-webhook", nil)
		expectLine(t, checkMutating(c), Warn, "not checked: forbidden to")
		c.mutating.err = apierrors.NewNotFound(schema.GroupResource{}, "ippool-webhook")
		expectLine(t, checkMutating(c), Pass, "there is no MutatingWebhookConfiguration ippool-webhook, as required while users are in observe mode")
	})
	t.Run("users observed, failurePolicy Fail", func(t *testing.T) {
		c := installed(t)
		c.validating.webhooks[0].ClientConfig.Service.Path = new(server.ObservePath)
		expectLine(t, checkValidating(c), Fail, "failurePolicy must be Ignore, is Fail (in an outage, users cannot write pools, although they are in observe mode)")
	})
}

func TestCompare(t *testing.T) {
	for _, test := range []struct {
		name    string
		webhook string
		change  func(*webhook)
		status  Status
		want    string
	}{
		{"users' failurePolicy", usersWebhook, func(w *webhook) { w.FailurePolicy = new(admissionv1.Ignore) }, Fail, "failurePolicy must be Fail, is Ignore"},
		{"default failurePolicy", whereaboutsWebhook, func(w *webhook) { w.FailurePolicy = nil }, Fail, "failurePolicy must be Ignore, is Fail"},
		{"mutating failurePolicy", mutatingWebhook, func(w *webhook) { w.FailurePolicy = new(admissionv1.Fail) }, Warn, "failurePolicy must be Ignore, is Fail"},
		{"timeout of Whereabouts", whereaboutsWebhook, func(w *webhook) { w.TimeoutSeconds = new(int32(2)) }, Fail, "timeoutSeconds must be 1, is 2"},
		{"default timeout", usersWebhook, func(w *webhook) { w.TimeoutSeconds = nil }, Warn, "timeoutSeconds must be 5, is 10"},
		{"mutating timeout", mutatingWebhook, func(w *webhook) { w.TimeoutSeconds = new(int32(30)) }, Warn, "timeoutSeconds must be 5, is 30"},
		{"path", mutatingWebhook, func(w *webhook) { w.ClientConfig.Service.Path = nil }, Fail, "clientConfig.service.path must be " + server.MutatePath + ", is /"},
		{"no rules", usersWebhook, func(w *webhook) { w.Rules = nil }, Fail, "rules must be [CREATE DELETE UPDATE]"},
		{"order of operations", usersWebhook, func(w *webhook) { o := w.Rules[0].Operations; o[0], o[2] = o[2], o[0] }, Pass, ""},
		{"scope", whereaboutsWebhook, func(w *webhook) { w.Rules[0].Scope = new(admissionv1.ClusterScope) }, Fail, "scope Cluster"},
		{"namespaces", usersWebhook, func(w *webhook) {
			w.NamespaceSelector = &metav1.LabelSelector{MatchLabels: map[string]string{"a": "b"}}
		}, Fail, "namespaceSelector must be {}, is a=b"},
		{"empty selector", usersWebhook, func(w *webhook) { w.ObjectSelector = &metav1.LabelSelector{} }, Pass, ""},
		{"objects normalized", mutatingWebhook, func(w *webhook) { w.ObjectSelector = &metav1.LabelSelector{MatchLabels: map[string]string{"a": "b"}} }, Warn, "objectSelector must be {}, is a=b"},
		{"side effects", usersWebhook, func(w *webhook) { w.SideEffects = nil }, Warn, "sideEffects must be None, is"},
		{"match policy", usersWebhook, func(w *webhook) { w.MatchPolicy = new(admissionv1.Exact) }, Warn, "matchPolicy must be Equivalent, is Exact"},
		{"reinvocation", mutatingWebhook, func(w *webhook) { w.reinvocationPolicy = admissionv1.NeverReinvocationPolicy }, Warn, "reinvocationPolicy must be IfNeeded, is Never"},
		{"URL", whereaboutsWebhook, func(w *webhook) { w.ClientConfig = admissionv1.WebhookClientConfig{URL: new("https://a")} }, Warn, "calls a URL rather than a Service"},
		{"another Service", whereaboutsWebhook, func(w *webhook) { w.ClientConfig.Service.Name = "old" }, Fail, "calls ippool-webhook/old:443, other webhooks call ippool-webhook/ippool-webhook:443"},
		{"default port", whereaboutsWebhook, func(w *webhook) { w.ClientConfig.Service.Port = nil }, Pass, ""},
		{"no conditions", whereaboutsWebhook, func(w *webhook) { w.MatchConditions = nil }, Fail, "matchConditions whereabouts is missing"},
		{"inverted condition", whereaboutsWebhook, func(w *webhook) { w.MatchConditions[0].Expression = "!(" + w.MatchConditions[0].Expression + ")" }, Fail,
			"matchConditions whereabouts must be (request.userInfo.username.startsWith("},
		{"other white space in a condition", whereaboutsWebhook, func(w *webhook) {
			w.MatchConditions[0].Expression = strings.Join(strings.Fields(w.MatchConditions[0].Expression), "\n\t")
		}, Pass, ""},
		{"another condition", usersWebhook, func(w *webhook) {
			w.MatchConditions = append(w.MatchConditions, admissionv1.MatchCondition{Name: "not-bob", Expression: "request.name != 'bob'"})
		}, Fail, "matchConditions not-bob is not in the shipped manifests"},
		{"additional user name", whereaboutsWebhook, func(w *webhook) { addNames(w, "eve") }, Fail, "only " + whereaboutsWebhook + " has eve"},
		{"user names missing in the other webhooks", mutatingWebhook, func(w *webhook) { addNames(w, "eve, bob") }, Fail, "only " + mutatingWebhook + " has bob and eve"},
		{"user name with a wildcard", usersWebhook, func(w *webhook) { addNames(w, "system:serviceaccount:cni:*") }, Fail,
			usersWebhook + `: user name "system:serviceaccount:cni:*" must be complete, without wildcards and white space`},
		{"user name with a space", usersWebhook, func(w *webhook) { addNames(w, "eve bob") }, Fail, `user name "eve bob" must be complete, without wildcards and white space`},
		{"renamed required webhook", usersWebhook, func(w *webhook) { w.Name = "old" }, Fail, "has no webhook " + usersWebhook},
		{"another webhook", whereaboutsWebhook, func(w *webhook) { w.Name = "old" }, Warn, "the webhook old is not in the shipped manifests"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := installed(t)
			changeWebhook(c, test.webhook, test.change)
			v := checkValidating(c)
			if test.webhook == mutatingWebhook {
				v = checkMutating(c)
			}
			expectLine(t, v, test.status, test.want)
		})
	}
}

// changeWebhook changes the webhook with a name in both configurations.
func changeWebhook(c *cluster, name string, change func(*webhook)) {
	for _, webhooks := range [][]webhook{c.validating.webhooks, c.mutating.webhooks} {
		if w := find(webhooks, name); w != nil {
			change(w)
		}
	}
}

// addNames writes a list of user names into the match condition of a webhook, as the component whereabouts-usernames does.
func addNames(w *webhook, names string) {
	w.MatchConditions[0].Expression = strings.Replace(w.MatchConditions[0].Expression, `""`, `"`+names+`"`, 1)
}

// TestSameUsernames adds user names to every webhook, as platform teams do.
func TestSameUsernames(t *testing.T) {
	c := installed(t)
	for _, w := range c.webhooks() {
		addNames(&w, "bob, alice")
	}
	for _, v := range []verdict{checkValidating(c), checkMutating(c)} {
		if len(v.problems) > 0 {
			t.Errorf("with the same user names, the problems are %v, want none", v.problems)
		}
	}
}

// TestMatches evaluates the shipped conditions for the identities of common installations of Whereabouts, and for users.
func TestMatches(t *testing.T) {
	account := func(namespace, name string) string { return "system:serviceaccount:" + namespace + ":" + name }
	whereabouts := []string{
		account("kube-system", "whereabouts"), account("kube-system", "whereabouts-whereabouts-chart"), account("kube-system", "rke2-multus-rke2-whereabouts"),
		account("kube-system", "multus-rke2-whereabouts"), account("kube-system", "harvester-whereabouts"), account("kube-system", "whereabouts-cni"),
		account("kube-system", "whereabouts-whereabouts-operator"), account("kube-system", "whereabouts-whereabouts-chart-operator"),
		account("kube-system", "antrea-agent-whereabouts"), account("kube-system", "namespace-controller"),
		account("kube-system", "generic-garbage-collector"), "system:kube-controller-manager", "bob", account("cni", "whereabouts"),
	}
	users := []string{
		"jane", "whereabouts", account("default", "whereabouts"), account("kube-system-x", "whereabouts"), account("kube-system", "multus"),
		account("openshift-multus", "multus-ancillary-tools"), "", "bob,", account("kube-system", "namespace-controller-x"),
	}
	c := installed(t)
	for _, w := range c.webhooks() {
		addNames(&w, "bob, "+account("cni", "whereabouts"))
		expectMatches(t, w, whereabouts, w.Name == whereaboutsWebhook)
		expectMatches(t, w, users, w.Name != whereaboutsWebhook)
	}
	if _, err := matches([]admissionv1.MatchCondition{{Name: "broken", Expression: "request.("}}, "jane"); err == nil || !strings.Contains(err.Error(), "matchConditions broken") {
		t.Errorf("the error of a malformed expression is %v, want matchConditions broken", err)
	}
}

// expectMatches checks whether the API server calls a webhook for each of these user names.
func expectMatches(t *testing.T, w webhook, usernames []string, want bool) {
	t.Helper()
	for _, name := range usernames {
		if got, err := matches(w.MatchConditions, name); got != want || err != nil {
			t.Errorf("%s matches %q: %v, %v, want %v", w.Name, name, got, err, want)
		}
	}
}

// TestUnread runs the checks with errors of the API server.
func TestUnread(t *testing.T) {
	group := schema.GroupResource{Group: "admissionregistration.k8s.io", Resource: "validatingwebhookconfigurations"}
	for _, test := range []struct {
		err    error
		status Status // of the checks that depend on the configurations
		want   Result
	}{
		{apierrors.NewNotFound(group, "ippool-webhook"), Fail, Result{"", Fail, "there is no ValidatingWebhookConfiguration ippool-webhook",
			"install it again as before: kubectl apply --server-side -k deploy, or helm upgrade --install; if your configuration has another name, set --name"}},
		{apierrors.NewForbidden(group, "ippool-webhook", nil), Warn, Result{"", Warn, "not checked: forbidden to get validatingwebhookconfigurations",
			`grant the user of doctor the permission to get validatingwebhookconfigurations (apiGroups: ["admissionregistration.k8s.io"])`}},
		{apierrors.NewTimeoutError("too slow", 1), Warn, Result{"", Fail, "not checked: cannot get validatingwebhookconfigurations: Timeout: too slow",
			"find out why the API server does not answer, or increase --timeout"}},
	} {
		c := &cluster{validating: configuration{kind: "ValidatingWebhookConfiguration", name: "ippool-webhook"}}
		c.validating.access = access{verb: "get", group: group.Group, resource: group.Resource}
		c.validating.err = test.err
		if diff := cmp.Diff(test.want, checkValidating(c).result("")); diff != "" {
			t.Errorf("%v (-want +got):\n%s", test.err, diff)
		}
		expectNotChecked(t, c, test.status)
	}
}

// expectNotChecked runs the checks that depend on the webhook configurations. They must refer to the check validating-webhook.
func expectNotChecked(t *testing.T, c *cluster, status Status) {
	t.Helper()
	for _, check := range []func(*cluster) verdict{checkCABundle, checkServingCertificate, checkCertificate, checkSecret, checkIdentities} {
		got := check(c).result("")
		if got.Status != status || !strings.HasPrefix(got.Message, "not checked: ") || got.Remedy != "see validating-webhook" {
			t.Errorf("after %v, the result is %v, want not checked and see validating-webhook", c.validating.err, got)
		}
	}
}
