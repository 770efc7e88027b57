package doctor

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"ippool-webhook/webhook/policy"
)

// installed returns a cluster whose webhook configurations are as shipped.
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
	c := &cluster{shipped: *expected}
	c.validating = configuration{kind: "ValidatingWebhookConfiguration", name: "ippool-webhook", entries: again.validating}
	c.mutating = configuration{kind: "MutatingWebhookConfiguration", name: "ippool-webhook", entries: again.mutating}
	c.service = serviceOf(c.entries())
	return c
}

// TestShipped holds the names that are known here against the manifests.
func TestShipped(t *testing.T) {
	c := installed(t)
	var names []string
	for _, e := range c.entries() {
		names = append(names, e.Name)
	}
	if diff := cmp.Diff([]string{ordinaryEntry, trustedEntry, "ordinary.mutate.ippool-webhook"}, names); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	if !c.validating.entries[0].validates() || c.mutating.entries[0].validates() {
		t.Error("the entries do not tell which configuration they are of")
	}
	if got := len(c.trusted()); got != len(policy.DefaultTrustedUsernames()) {
		t.Errorf("%d trusted writers", got)
	}
	for _, v := range []verdict{checkValidating(c), checkMutating(c)} {
		if len(v.problems) > 0 || !strings.HasSuffix(v.passed, "has the entries as shipped, for 6 trusted writers") {
			t.Errorf("as shipped: %q, %v", v.passed, v.problems)
		}
	}
}

func TestCompare(t *testing.T) {
	const mutate = "ordinary.mutate.ippool-webhook"
	for _, test := range []struct {
		name   string
		entry  string
		change func(*entry)
		status Status
		want   string
	}{
		{"ordinary failurePolicy", ordinaryEntry, func(e *entry) { e.FailurePolicy = new(admissionv1.Ignore) }, Fail, "failurePolicy is Ignore, want Fail"},
		{"default failurePolicy", trustedEntry, func(e *entry) { e.FailurePolicy = nil }, Fail, "failurePolicy is Fail, want Ignore"},
		{"mutating failurePolicy", mutate, func(e *entry) { e.FailurePolicy = new(admissionv1.Fail) }, Warn, "failurePolicy is Fail, want Ignore"},
		{"trusted timeout above", trustedEntry, func(e *entry) { e.TimeoutSeconds = new(int32(2)) }, Fail, "timeoutSeconds is 2, want 1"},
		{"default timeout", ordinaryEntry, func(e *entry) { e.TimeoutSeconds = nil }, Warn, "timeoutSeconds is 10, want 5"},
		{"mutating timeout", mutate, func(e *entry) { e.TimeoutSeconds = new(int32(30)) }, Warn, "timeoutSeconds is 30, want 5"},
		{"path", mutate, func(e *entry) { e.ClientConfig.Service.Path = nil }, Fail, "clientConfig.service.path is /, want /mutate-"},
		{"no rules", ordinaryEntry, func(e *entry) { e.Rules = nil }, Fail, "rules is , want [CREATE DELETE UPDATE]"},
		{"order of operations", ordinaryEntry, func(e *entry) { o := e.Rules[0].Operations; o[0], o[2] = o[2], o[0] }, Pass, ""},
		{"scope", trustedEntry, func(e *entry) { e.Rules[0].Scope = new(admissionv1.ClusterScope) }, Fail, "scope Cluster, want"},
		{"namespaces", ordinaryEntry, func(e *entry) { e.NamespaceSelector = &metav1.LabelSelector{MatchLabels: map[string]string{"a": "b"}} }, Fail, "namespaceSelector is a=b, want {}"},
		{"empty selector", ordinaryEntry, func(e *entry) { e.ObjectSelector = &metav1.LabelSelector{} }, Pass, ""},
		{"objects mended", mutate, func(e *entry) { e.ObjectSelector = &metav1.LabelSelector{MatchLabels: map[string]string{"a": "b"}} }, Warn, "objectSelector is a=b, want {}"},
		{"side effects", ordinaryEntry, func(e *entry) { e.SideEffects = nil }, Warn, "sideEffects is , want None"},
		{"match policy", ordinaryEntry, func(e *entry) { e.MatchPolicy = new(admissionv1.Exact) }, Warn, "matchPolicy is Exact, want Equivalent"},
		{"reinvocation", mutate, func(e *entry) { e.reinvocationPolicy = admissionv1.NeverReinvocationPolicy }, Warn, "reinvocationPolicy is Never, want IfNeeded"},
		{"URL", trustedEntry, func(e *entry) { e.ClientConfig = admissionv1.WebhookClientConfig{URL: new("https://a")} }, Warn, "calls a URL rather than a Service"},
		{"another Service", trustedEntry, func(e *entry) { e.ClientConfig.Service.Name = "old" }, Fail, "calls ippool-webhook/old:443, other entries call ippool-webhook/ippool-webhook:443"},
		{"default port", trustedEntry, func(e *entry) { e.ClientConfig.Service.Port = nil }, Pass, ""},
		{"no conditions", trustedEntry, func(e *entry) { e.MatchConditions = nil }, Fail, "matchConditions trusted-writer is missing"},
		{"no spec-changed", mutate, func(e *entry) { e.MatchConditions = e.MatchConditions[:1] }, Warn, "matchConditions spec-changed is missing"},
		{"inverted", trustedEntry, func(e *entry) { e.MatchConditions[0].Expression = "!(" + e.MatchConditions[0].Expression + ")" }, Fail,
			"matchConditions trusted-writer is !(request.userInfo.username in []), want request.userInfo.username in []"},
		{"white space", trustedEntry, func(e *entry) {
			e.MatchConditions[0].Expression = strings.Join(strings.Fields(e.MatchConditions[0].Expression), "\n\t")
		}, Pass, ""},
		{"writer more", trustedEntry, func(e *entry) { trust(e, "eve") }, Fail, "only " + trustedEntry + " has eve"},
		{"writer mended", mutate, func(e *entry) { trust(e) }, Fail, "only " + ordinaryEntry + " has system:kube-controller-manager and system:serviceaccount:kube-system:"},
		{"release asked too", trustedEntry, func(e *entry) { e.MatchConditions = e.MatchConditions[:2] }, Pass, "as shipped, for 6 trusted writers, but asks about their releases too"},
		{"another release", trustedEntry, func(e *entry) { e.MatchConditions[2].Expression = "false" }, Fail, "matchConditions more-than-a-release is false, want request.operation"},
		{"gone trusted", trustedEntry, func(e *entry) { e.Name = "old" }, Warn, "has no entry " + trustedEntry + ": what trusted writers write is not judged"},
		{"gone", ordinaryEntry, func(e *entry) { e.Name = "old" }, Fail, "has no entry " + ordinaryEntry},
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
			if test.entry == mutate {
				v = checkMutating(c)
			}
			got := v.result("")
			if got.Status != test.status || !strings.Contains(got.Message, test.want) || (got.Remedy == "") != (got.Status == Pass) {
				t.Errorf("%s: %q, remedy %q; want %s: %q", got.Status, got.Message, got.Remedy, test.status, test.want)
			}
		})
	}
}

// trust writes names into the first match condition of an entry.
func trust(e *entry, names ...string) {
	list := "'" + strings.Join(names, "', \"\", '") + "'"
	if len(names) == 0 {
		list = ""
	}
	e.MatchConditions[0].Expression = nameList.ReplaceAllString(e.MatchConditions[0].Expression, "["+list+"]")
}

// TestOtherWriters changes the trusted writers everywhere, as platform teams do.
func TestOtherWriters(t *testing.T) {
	c := installed(t)
	for _, e := range c.entries() {
		trust(&e, "bob", "alice")
	}
	for _, v := range []verdict{checkValidating(c), checkMutating(c)} {
		if len(v.problems) > 0 {
			t.Errorf("with other writers: %v", v.problems)
		}
	}
	if diff := cmp.Diff([]string{"", "alice", "bob"}, c.trusted()); diff != "" {
		t.Errorf("trusted writers (-want +got):\n%s", diff)
	}
}

// TestUnread judges what there is to judge where the API server shows nothing.
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
		for _, judge := range []func(*cluster) verdict{checkCABundle, checkServingCertificate, checkCertificate, checkSecret, checkTrustedWriters} {
			got := judge(c).result("")
			if got.Status != test.status || !strings.HasPrefix(got.Message, "not checked: ") || got.Remedy != "see validating-webhook" {
				t.Errorf("%v: %v", test.err, got)
			}
		}
	}
}
