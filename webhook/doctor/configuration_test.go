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
	c.validating = configuration{kind: "ValidatingWebhookConfiguration", name: "ippool-webhook", entries: []entry{again.users, again.whereabouts}}
	c.mutating = configuration{kind: "MutatingWebhookConfiguration", name: "ippool-webhook", entries: []entry{again.mutating}}
	c.service = serviceOf(c.entries())
	return c
}

// TestShipped compares the names and modes that are known here with the manifests.
func TestShipped(t *testing.T) {
	c := installed(t)
	var names []string
	for _, e := range c.entries() {
		names = append(names, e.Name)
	}
	if diff := cmp.Diff([]string{usersEntry, whereaboutsEntry, mutatingEntry}, names); diff != "" {
		t.Errorf("webhooks (-want +got):\n%s", diff)
	}
	if !c.validating.entries[0].validates() || c.mutating.entries[0].validates() {
		t.Error("the webhooks do not say of which configuration they are")
	}
	expectLine(t, checkValidating(c), Pass, "ValidatingWebhookConfiguration ippool-webhook is as shipped (users: Enforce, Whereabouts: Observe)")
	expectLine(t, checkMutating(c), Pass, "MutatingWebhookConfiguration ippool-webhook is as shipped")
}

// TestModes accepts every mode that the components and the chart can set.
func TestModes(t *testing.T) {
	enforce := func(e *entry) { e.ClientConfig.Service.Path = new(server.ValidatePath) }
	observe := func(e *entry) {
		e.ClientConfig.Service.Path, e.FailurePolicy = new(server.ObservePath), new(admissionv1.Ignore)
	}
	t.Run("Whereabouts skipped", func(t *testing.T) {
		c := installed(t)
		c.validating.entries = c.validating.entries[:1]
		expectLine(t, checkValidating(c), Pass, "(users: Enforce, Whereabouts: Skip)")
	})
	t.Run("Whereabouts enforced", func(t *testing.T) {
		c := installed(t)
		enforce(&c.validating.entries[1])
		expectLine(t, checkValidating(c), Pass, "(users: Enforce, Whereabouts: Enforce)")
	})
	t.Run("users observed", func(t *testing.T) {
		c := installed(t)
		observe(&c.validating.entries[0])
		expectLine(t, checkValidating(c), Warn, "users are in observe mode: no request is denied")
		expectLine(t, checkMutating(c), Warn, "pools are normalized, although users are in observe mode")
		c.mutating.err = apierrors.NewNotFound(schema.GroupResource{}, "ippool-webhook")
		expectLine(t, checkMutating(c), Pass, "there is none, as it should be while users are in observe mode")
	})
	t.Run("users observed, failing closed", func(t *testing.T) {
		c := installed(t)
		c.validating.entries[0].ClientConfig.Service.Path = new(server.ObservePath)
		expectLine(t, checkValidating(c), Fail, "failurePolicy must be Ignore, is Fail (in an outage, users cannot write pools, although they are in observe mode)")
	})
}

func TestCompare(t *testing.T) {
	for _, test := range []struct {
		name   string
		entry  string
		change func(*entry)
		status Status
		want   string
	}{
		{"users' failurePolicy", usersEntry, func(e *entry) { e.FailurePolicy = new(admissionv1.Ignore) }, Fail, "failurePolicy must be Fail, is Ignore"},
		{"default failurePolicy", whereaboutsEntry, func(e *entry) { e.FailurePolicy = nil }, Fail, "failurePolicy must be Ignore, is Fail"},
		{"mutating failurePolicy", mutatingEntry, func(e *entry) { e.FailurePolicy = new(admissionv1.Fail) }, Warn, "failurePolicy must be Ignore, is Fail"},
		{"timeout of Whereabouts", whereaboutsEntry, func(e *entry) { e.TimeoutSeconds = new(int32(2)) }, Fail, "timeoutSeconds must be 1, is 2"},
		{"default timeout", usersEntry, func(e *entry) { e.TimeoutSeconds = nil }, Warn, "timeoutSeconds must be 5, is 10"},
		{"mutating timeout", mutatingEntry, func(e *entry) { e.TimeoutSeconds = new(int32(30)) }, Warn, "timeoutSeconds must be 5, is 30"},
		{"path", mutatingEntry, func(e *entry) { e.ClientConfig.Service.Path = nil }, Fail, "clientConfig.service.path must be /mutate-whereabouts-cni-cncf-io-v1alpha1-ippool, is /"},
		{"no rules", usersEntry, func(e *entry) { e.Rules = nil }, Fail, "rules must be [CREATE DELETE UPDATE]"},
		{"order of operations", usersEntry, func(e *entry) { o := e.Rules[0].Operations; o[0], o[2] = o[2], o[0] }, Pass, ""},
		{"scope", whereaboutsEntry, func(e *entry) { e.Rules[0].Scope = new(admissionv1.ClusterScope) }, Fail, "scope Cluster"},
		{"namespaces", usersEntry, func(e *entry) { e.NamespaceSelector = &metav1.LabelSelector{MatchLabels: map[string]string{"a": "b"}} }, Fail, "namespaceSelector must be {}, is a=b"},
		{"empty selector", usersEntry, func(e *entry) { e.ObjectSelector = &metav1.LabelSelector{} }, Pass, ""},
		{"objects normalized", mutatingEntry, func(e *entry) { e.ObjectSelector = &metav1.LabelSelector{MatchLabels: map[string]string{"a": "b"}} }, Warn, "objectSelector must be {}, is a=b"},
		{"side effects", usersEntry, func(e *entry) { e.SideEffects = nil }, Warn, "sideEffects must be None, is"},
		{"match policy", usersEntry, func(e *entry) { e.MatchPolicy = new(admissionv1.Exact) }, Warn, "matchPolicy must be Equivalent, is Exact"},
		{"reinvocation", mutatingEntry, func(e *entry) { e.reinvocationPolicy = admissionv1.NeverReinvocationPolicy }, Warn, "reinvocationPolicy must be IfNeeded, is Never"},
		{"URL", whereaboutsEntry, func(e *entry) { e.ClientConfig = admissionv1.WebhookClientConfig{URL: new("https://a")} }, Warn, "calls a URL rather than a Service"},
		{"another Service", whereaboutsEntry, func(e *entry) { e.ClientConfig.Service.Name = "old" }, Fail, "calls ippool-webhook/old:443, other webhooks call ippool-webhook/ippool-webhook:443"},
		{"default port", whereaboutsEntry, func(e *entry) { e.ClientConfig.Service.Port = nil }, Pass, ""},
		{"no conditions", whereaboutsEntry, func(e *entry) { e.MatchConditions = nil }, Fail, "matchConditions whereabouts is missing"},
		{"inverted", whereaboutsEntry, func(e *entry) { e.MatchConditions[0].Expression = "!(" + e.MatchConditions[0].Expression + ")" }, Fail,
			"matchConditions whereabouts must be (request.userInfo.username.startsWith("},
		{"white space", whereaboutsEntry, func(e *entry) {
			e.MatchConditions[0].Expression = strings.Join(strings.Fields(e.MatchConditions[0].Expression), "\n\t")
		}, Pass, ""},
		{"another condition", usersEntry, func(e *entry) {
			e.MatchConditions = append(e.MatchConditions, admissionv1.MatchCondition{Name: "not-bob", Expression: "request.name != 'bob'"})
		}, Fail, "matchConditions not-bob is not shipped"},
		{"one user name more", whereaboutsEntry, func(e *entry) { addNames(e, "eve") }, Fail, "only " + whereaboutsEntry + " has eve"},
		{"one user name less", mutatingEntry, func(e *entry) { addNames(e, "eve, bob") }, Fail, "only " + mutatingEntry + " has bob and eve"},
		{"gone", usersEntry, func(e *entry) { e.Name = "old" }, Fail, "has no webhook " + usersEntry},
		{"another webhook", whereaboutsEntry, func(e *entry) { e.Name = "old" }, Warn, "the webhook old is not shipped"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := installed(t)
			for _, entries := range [][]entry{c.validating.entries, c.mutating.entries} {
				for i := range entries {
					if entries[i].Name == test.entry {
						test.change(&entries[i])
					}
				}
			}
			v := checkValidating(c)
			if test.entry == mutatingEntry {
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
func addNames(e *entry, names string) {
	e.MatchConditions[0].Expression = strings.Replace(e.MatchConditions[0].Expression, `""`, `"`+names+`"`, 1)
}

// TestSameUsernames adds user names to every webhook, as platform teams do.
func TestSameUsernames(t *testing.T) {
	c := installed(t)
	for _, e := range c.entries() {
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
	for _, e := range c.entries() {
		addNames(&e, "bob, "+account("cni", "whereabouts"))
		for want, names := range map[bool][]string{e.Name == whereaboutsEntry: whereabouts, e.Name != whereaboutsEntry: users} {
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
