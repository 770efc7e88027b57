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

// installed returns a cluster whose webhook configurations are as shipped, with the webhook for Whereabouts in observe mode.
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

// TestShipped compares the names and modes that are known here with the manifests.
func TestShipped(t *testing.T) {
	c := installed(t)
	var names []string
	for _, e := range c.webhooks() {
		names = append(names, e.Name)
	}
	if diff := cmp.Diff([]string{usersWebhook, whereaboutsWebhook, mutatingWebhook}, names); diff != "" {
		t.Errorf("webhooks (-want +got):\n%s", diff)
	}
	if !c.validating.webhooks[0].validates() || c.mutating.webhooks[0].validates() {
		t.Error("the webhooks do not say of which configuration they are")
	}
	expectLine(t, checkValidating(c), Pass, "ValidatingWebhookConfiguration ippool-webhook is as shipped (users: Enforce, Whereabouts: Observe)")
	expectLine(t, checkMutating(c), Pass, "MutatingWebhookConfiguration ippool-webhook is as shipped")
}

// TestModes accepts every mode that the components and the chart can set.
func TestModes(t *testing.T) {
	enforce := func(e *webhook) { e.ClientConfig.Service.Path = new(server.ValidatePath) }
	observe := func(e *webhook) {
		e.ClientConfig.Service.Path, e.FailurePolicy = new(server.ObservePath), new(admissionv1.Ignore)
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
		expectLine(t, checkMutating(c), Warn, "pools are normalized, although users are in observe mode")
		c.mutating.err = apierrors.NewNotFound(schema.GroupResource{}, "ippool-webhook")
		expectLine(t, checkMutating(c), Pass, "there is none, as it should be while users are in observe mode")
	})
	t.Run("users observed, failing closed", func(t *testing.T) {
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
		{"users' failurePolicy", usersWebhook, func(e *webhook) { e.FailurePolicy = new(admissionv1.Ignore) }, Fail, "failurePolicy must be Fail, is Ignore"},
		{"default failurePolicy", whereaboutsWebhook, func(e *webhook) { e.FailurePolicy = nil }, Fail, "failurePolicy must be Ignore, is Fail"},
		{"mutating failurePolicy", mutatingWebhook, func(e *webhook) { e.FailurePolicy = new(admissionv1.Fail) }, Warn, "failurePolicy must be Ignore, is Fail"},
		{"timeout of Whereabouts", whereaboutsWebhook, func(e *webhook) { e.TimeoutSeconds = new(int32(2)) }, Fail, "timeoutSeconds must be 1, is 2"},
		{"default timeout", usersWebhook, func(e *webhook) { e.TimeoutSeconds = nil }, Warn, "timeoutSeconds must be 5, is 10"},
		{"mutating timeout", mutatingWebhook, func(e *webhook) { e.TimeoutSeconds = new(int32(30)) }, Warn, "timeoutSeconds must be 5, is 30"},
		{"path", mutatingWebhook, func(e *webhook) { e.ClientConfig.Service.Path = nil }, Fail, "clientConfig.service.path must be /mutate-whereabouts-cni-cncf-io-v1alpha1-ippool, is /"},
		{"no rules", usersWebhook, func(e *webhook) { e.Rules = nil }, Fail, "rules must be [CREATE DELETE UPDATE]"},
		{"order of operations", usersWebhook, func(e *webhook) { o := e.Rules[0].Operations; o[0], o[2] = o[2], o[0] }, Pass, ""},
		{"scope", whereaboutsWebhook, func(e *webhook) { e.Rules[0].Scope = new(admissionv1.ClusterScope) }, Fail, "scope Cluster"},
		{"namespaces", usersWebhook, func(e *webhook) {
			e.NamespaceSelector = &metav1.LabelSelector{MatchLabels: map[string]string{"a": "b"}}
		}, Fail, "namespaceSelector must be {}, is a=b"},
		{"empty selector", usersWebhook, func(e *webhook) { e.ObjectSelector = &metav1.LabelSelector{} }, Pass, ""},
		{"objects normalized", mutatingWebhook, func(e *webhook) { e.ObjectSelector = &metav1.LabelSelector{MatchLabels: map[string]string{"a": "b"}} }, Warn, "objectSelector must be {}, is a=b"},
		{"side effects", usersWebhook, func(e *webhook) { e.SideEffects = nil }, Warn, "sideEffects must be None, is"},
		{"match policy", usersWebhook, func(e *webhook) { e.MatchPolicy = new(admissionv1.Exact) }, Warn, "matchPolicy must be Equivalent, is Exact"},
		{"reinvocation", mutatingWebhook, func(e *webhook) { e.reinvocationPolicy = admissionv1.NeverReinvocationPolicy }, Warn, "reinvocationPolicy must be IfNeeded, is Never"},
		{"URL", whereaboutsWebhook, func(e *webhook) { e.ClientConfig = admissionv1.WebhookClientConfig{URL: new("https://a")} }, Warn, "calls a URL rather than a Service"},
		{"another Service", whereaboutsWebhook, func(e *webhook) { e.ClientConfig.Service.Name = "old" }, Fail, "calls ippool-webhook/old:443, other webhooks call ippool-webhook/ippool-webhook:443"},
		{"default port", whereaboutsWebhook, func(e *webhook) { e.ClientConfig.Service.Port = nil }, Pass, ""},
		{"no conditions", whereaboutsWebhook, func(e *webhook) { e.MatchConditions = nil }, Fail, "matchConditions whereabouts is missing"},
		{"inverted", whereaboutsWebhook, func(e *webhook) { e.MatchConditions[0].Expression = "!(" + e.MatchConditions[0].Expression + ")" }, Fail,
			"matchConditions whereabouts must be (request.userInfo.username.startsWith("},
		{"white space", whereaboutsWebhook, func(e *webhook) {
			e.MatchConditions[0].Expression = strings.Join(strings.Fields(e.MatchConditions[0].Expression), "\n\t")
		}, Pass, ""},
		{"another condition", usersWebhook, func(e *webhook) {
			e.MatchConditions = append(e.MatchConditions, admissionv1.MatchCondition{Name: "not-bob", Expression: "request.name != 'bob'"})
		}, Fail, "matchConditions not-bob is not shipped"},
		{"one user name more", whereaboutsWebhook, func(e *webhook) { addNames(e, "eve") }, Fail, "only " + whereaboutsWebhook + " has eve"},
		{"one user name less", mutatingWebhook, func(e *webhook) { addNames(e, "eve, bob") }, Fail, "only " + mutatingWebhook + " has bob and eve"},
		{"gone", usersWebhook, func(e *webhook) { e.Name = "old" }, Fail, "has no webhook " + usersWebhook},
		{"another webhook", whereaboutsWebhook, func(e *webhook) { e.Name = "old" }, Warn, "the webhook old is not shipped"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := installed(t)
			for _, webhooks := range [][]webhook{c.validating.webhooks, c.mutating.webhooks} {
				for i := range webhooks {
					if webhooks[i].Name == test.webhook {
						test.change(&webhooks[i])
					}
				}
			}
			v := checkValidating(c)
			if test.webhook == mutatingWebhook {
				v = checkMutating(c)
			}
			got := v.result("")
			if got.Status != test.status || !strings.Contains(got.Message, test.want) || (got.Remedy == "") != (got.Status == Pass) {
				t.Errorf("%s: %q, remedy %q; want %s: %q", got.Status, got.Message, got.Remedy, test.status, test.want)
			}
		})
	}
}

// addNames writes a list of user names into the match condition of a webhook, as the component whereabouts-usernames does.
func addNames(e *webhook, names string) {
	e.MatchConditions[0].Expression = strings.Replace(e.MatchConditions[0].Expression, `""`, `"`+names+`"`, 1)
}

// TestSameUsernames adds user names to every webhook, as platform teams do.
func TestSameUsernames(t *testing.T) {
	c := installed(t)
	for _, e := range c.webhooks() {
		addNames(&e, "bob, alice")
	}
	for _, v := range []verdict{checkValidating(c), checkMutating(c)} {
		if len(v.problems) > 0 {
			t.Errorf("with user names: %v", v.problems)
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
	for _, e := range c.webhooks() {
		addNames(&e, "bob, "+account("cni", "whereabouts"))
		for want, names := range map[bool][]string{e.Name == whereaboutsWebhook: whereabouts, e.Name != whereaboutsWebhook: users} {
			for _, name := range names {
				if got, err := matches(e.MatchConditions, name); got != want || err != nil {
					t.Errorf("%s is called for %q: %v, %v; want %v", e.Name, name, got, err, want)
				}
			}
		}
	}
	if _, err := matches([]admissionv1.MatchCondition{{Name: "broken", Expression: "request.("}}, "jane"); err == nil || !strings.Contains(err.Error(), "matchConditions broken") {
		t.Errorf("a malformed expression: %v", err)
	}
}

// TestUnread runs the checks when the API server shows nothing.
func TestUnread(t *testing.T) {
	group := schema.GroupResource{Group: "admissionregistration.k8s.io", Resource: "validatingwebhookconfigurations"}
	for _, test := range []struct {
		err    error
		status Status // of the checks that depend on the configurations
		want   Result
	}{
		{apierrors.NewNotFound(group, "ippool-webhook"), Fail, Result{"", Fail, "there is no ValidatingWebhookConfiguration ippool-webhook",
			"install it again, as with kubectl apply --server-side -k manifests/overlays/cert-manager; or name yours with --name"}},
		{apierrors.NewForbidden(group, "ippool-webhook", nil), Warn, Result{"", Warn, "not checked: forbidden to get validatingwebhookconfigurations",
			`grant the user of doctor get on validatingwebhookconfigurations (apiGroups: ["admissionregistration.k8s.io"])`}},
		{apierrors.NewTimeoutError("too slow", 1), Warn, Result{"", Fail, "not checked: cannot get validatingwebhookconfigurations: Timeout: too slow",
			"see why the API server does not answer, or raise --timeout"}},
	} {
		c := &cluster{validating: configuration{kind: "ValidatingWebhookConfiguration", name: "ippool-webhook"}}
		c.validating.access = access{verb: "get", group: group.Group, resource: group.Resource}
		c.validating.err = test.err
		if diff := cmp.Diff(test.want, checkValidating(c).result("")); diff != "" {
			t.Errorf("%v (-want +got):\n%s", test.err, diff)
		}
		for _, check := range []func(*cluster) verdict{checkCABundle, checkServingCertificate, checkCertificate, checkSecret, checkIdentities} {
			got := check(c).result("")
			if got.Status != test.status || !strings.HasPrefix(got.Message, "not checked: ") || got.Remedy != "see validating-webhook" {
				t.Errorf("%v: %v", test.err, got)
			}
		}
	}
}
