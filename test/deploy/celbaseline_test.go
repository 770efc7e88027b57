package deploy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admission/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"ippool-webhook/test/environment"
	"ippool-webhook/test/golden"
	"ippool-webhook/webhook/admission"
	"ippool-webhook/webhook/policy"
	"ippool-webhook/webhook/review"
	"ippool-webhook/webhook/rules"
)

// TestCELBaselineIsCurrent sends the fixtures of the rules as requests to an API server with the policies of the component, and without a
// webhook. It compares the counts of each rule with docs/cel-baseline.md. UPDATE_GOLDEN=1 rewrites them.
func TestCELBaselineIsCurrent(t *testing.T) {
	b := newBaseline(t)
	lines := []string{"| rule | invalid requests found | not found |", "|---|---|---|"}
	for _, rule := range rules.All(rules.Options{}) {
		suite.rows.Run(t, rule.ID, func(t *testing.T) { lines = append(lines, b.line(t, rule)) })
	}
	suite.rows.Run(t, "large pool", b.testLargePool)
	golden.Section(t, suite.Path("docs", "cel-baseline.md"), "fixtures", strings.Join(lines, "\n"), func(s string) string { return s })
}

// celBaseline sends requests to an API server with the policies.
type celBaseline struct {
	user     dynamic.Interface // whose requests the policies validate
	exempt   dynamic.Interface // Whereabouts, which stores the pools
	webhook  *admission.Evaluator
	warnings *[]string // of the last request of the user
}

func newBaseline(t *testing.T) *celBaseline {
	t.Helper()
	for _, object := range buildWith(t, "cel-baseline") {
		if strings.HasPrefix(object.GetName(), "ippool-webhook-baseline-") {
			install(t, object)
		}
	}
	webhook, err := admission.NewEvaluator(policy.Default())
	if err != nil {
		t.Fatal(err)
	}
	b := &celBaseline{webhook: webhook, warnings: new([]string)}
	b.exempt = b.client(t, "system:serviceaccount:kube-system:whereabouts", nil)
	b.user = b.client(t, "joe", b)
	b.await(t)
	return b
}

// client returns a client of a user with all permissions.
func (b *celBaseline) client(t *testing.T, user string, warnings rest.WarningHandler) dynamic.Interface {
	t.Helper()
	added, err := suite.AddUser(user, "system:masters")
	if err != nil {
		t.Fatal(err)
	}
	config := rest.CopyConfig(added.Config)
	config.QPS, config.Burst, config.WarningHandler = 1000, 2000, rest.NoWarnings{}
	if warnings != nil {
		config.WarningHandler = warnings
	}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// HandleWarningHeader records a warning.
func (b *celBaseline) HandleWarningHeader(_ int, _, text string) {
	*b.warnings = append(*b.warnings, text)
}

// await waits until the API server evaluates both policies.
func (b *celBaseline) await(t *testing.T) {
	t.Helper()
	if err := environment.Await(t.Context(), "the policies of the baseline", func(ctx context.Context) error {
		denied, warned := documentedPool(), documentedPool()
		denied.Object["spec"] = map[string]any{"range": "10.0.0.0/33", "allocations": map[string]any{}}
		warned.Object["spec"] = map[string]any{"range": "10.0.0.0/31", "allocations": map[string]any{}}
		if found := b.send(ctx, &admissionv1.AdmissionRequest{Operation: admissionv1.Create}, denied, nil); found.denied != "range-syntax" {
			return fmt.Errorf("a malformed range: %+v", found)
		}
		if found := b.send(ctx, &admissionv1.AdmissionRequest{Operation: admissionv1.Create}, warned, nil); !slices.Contains(found.warned, "range-too-small") {
			return fmt.Errorf("a small range: %+v", found)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// found is what the policies find in a request.
type found struct {
	denied string   // ID of the rule
	warned []string // IDs of rules
	other  error    // an error that is not a denial by a policy
}

// line sends the fixtures of a rule and returns its line of the table.
func (b *celBaseline) line(t *testing.T, rule rules.Rule) string {
	t.Helper()
	if rule.CEL == nil {
		return fmt.Sprintf("| `%s` | not in CEL | |", rule.ID)
	}
	var reported, all int
	for _, path := range fixturesOf(t, rule.ID) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			got, sent := b.fixture(t, path)
			if !sent {
				return
			}
			want := b.introduced(t, path)
			expectIntroduced(t, want, got)
			if action, found := want[rule.ID]; found {
				all++
				if action == rules.Deny && got.denied != "" || slices.Contains(got.warned, rule.ID) {
					reported++
				} else {
					t.Logf("%s is not found in %s", rule.ID, path)
				}
			}
		})
	}
	return fmt.Sprintf("| `%s` | %d of %d | %s |", rule.ID, reported, all, rule.CEL.Missing)
}

// introduced returns the rules that find something new in a fixture in the webhook, with their actions.
func (b *celBaseline) introduced(t *testing.T, path string) map[string]rules.Action {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	request := &review.Request{}
	if err := request.Decode(t.Context(), text, nil); err != nil {
		t.Fatal(err)
	}
	result, err := b.webhook.Evaluate(t.Context(), request, admission.Enforce, &admission.Scratch{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]rules.Action{}
	for _, total := range result.Totals {
		if !total.Existing {
			want[total.Rule.ID] = total.Action
		}
	}
	return want
}

// expectIntroduced expects that the webhook denies what the policies deny, and warns of what they warn of.
func expectIntroduced(t *testing.T, want map[string]rules.Action, got found) {
	t.Helper()
	if got.denied != "" && want[got.denied] != rules.Deny {
		t.Errorf("the baseline denies %s, the webhook finds %v", got.denied, want)
	}
	for _, rule := range got.warned {
		if want[rule] != rules.Warn {
			t.Errorf("the baseline warns of %s, the webhook finds %v", rule, want)
		}
	}
}

// fixture sends a fixture. It returns false if the schema of the CRD does not allow the request or the stored pool.
func (b *celBaseline) fixture(t *testing.T, path string) (found, bool) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var review admissionv1.AdmissionReview
	if err := json.Unmarshal(text, &review); err != nil {
		t.Fatal(err)
	}
	old := b.store(t, pool(t, review.Request.OldObject.Raw))
	if old == nil && review.Request.OldObject.Raw != nil {
		return found{}, false
	}
	request := pool(t, review.Request.Object.Raw)
	if request != nil && (request.GetName() == "" || !b.kept(t, request)) {
		return found{}, false
	}
	got := b.send(t.Context(), review.Request, request, old)
	return got, got.other == nil
}

// kept reports whether the CRD has all fields of a pool.
func (b *celBaseline) kept(t *testing.T, pool *unstructured.Unstructured) bool {
	t.Helper()
	probe := pool.DeepCopy()
	probe.SetName("probe")
	stored, err := b.pools(b.exempt, probe).Create(t.Context(), probe, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	return err == nil && reflect.DeepEqual(pool.Object["spec"], stored.Object["spec"])
}

// pool returns the pool in a fixture, without the metadata that the API server sets, or nil.
func pool(t *testing.T, text []byte) *unstructured.Unstructured {
	t.Helper()
	if text == nil || string(text) == "null" {
		return nil
	}
	pool := &unstructured.Unstructured{}
	if err := json.Unmarshal(text, &pool.Object); err != nil {
		return nil
	}
	for _, field := range []string{"uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "deletionTimestamp", "deletionGracePeriodSeconds", "finalizers"} {
		unstructured.RemoveNestedField(pool.Object, "metadata", field)
	}
	return pool
}

// store stores a pool for the duration of the test, unless the schema does not allow it.
func (b *celBaseline) store(t *testing.T, pool *unstructured.Unstructured) *unstructured.Unstructured {
	t.Helper()
	if pool == nil {
		return nil
	}
	stored, err := b.pools(b.exempt, pool).Create(t.Context(), pool, metav1.CreateOptions{})
	if err != nil {
		t.Logf("not stored: %v", err)
		return nil
	}
	t.Cleanup(func() {
		if err := b.pools(b.exempt, pool).Delete(context.WithoutCancel(t.Context()), pool.GetName(), metav1.DeleteOptions{}); err != nil {
			t.Error(err)
		}
	})
	return stored
}

func (b *celBaseline) pools(client dynamic.Interface, pool *unstructured.Unstructured) dynamic.ResourceInterface {
	return client.Resource(environment.PoolResource()).Namespace(pool.GetNamespace())
}

// ruleID is the ID of a rule at the end of a message.
var ruleID = regexp.MustCompile(`\(rule ([a-z-]+)\)`)

// send sends a request as a dry run.
func (b *celBaseline) send(ctx context.Context, r *admissionv1.AdmissionRequest, pool, old *unstructured.Unstructured) (got found) {
	*b.warnings = nil
	dryRun := []string{metav1.DryRunAll}
	var err error
	switch {
	case r.Operation == admissionv1.Create && pool != nil:
		_, err = b.pools(b.user, pool).Create(ctx, pool, metav1.CreateOptions{DryRun: dryRun})
	case r.Operation == admissionv1.Update && pool != nil && old != nil:
		pool.SetResourceVersion(old.GetResourceVersion())
		pool.SetName(old.GetName())
		_, err = b.pools(b.user, pool).Update(ctx, pool, metav1.UpdateOptions{DryRun: dryRun})
	case r.Operation == admissionv1.Delete && old != nil:
		err = b.pools(b.user, old).Delete(ctx, old.GetName(), metav1.DeleteOptions{DryRun: dryRun})
	default:
		err = errors.New("the fixture has no pool that can be sent")
	}
	for _, warning := range *b.warnings {
		if id := ruleID.FindStringSubmatch(warning); id != nil {
			got.warned = append(got.warned, id[1])
		}
	}
	switch {
	case err == nil:
	case strings.Contains(err.Error(), "ValidatingAdmissionPolicy"):
		got.denied = err.Error()
		if id := ruleID.FindStringSubmatch(err.Error()); id != nil {
			got.denied = id[1]
		}
	default:
		got.other = err
	}
	return got
}

// fixturesOf returns the paths of the fixtures of a rule.
func fixturesOf(t *testing.T, rule string) []string {
	t.Helper()
	paths, err := filepath.Glob(suite.Path("test", "fixtures", rule, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(paths, func(path string) bool { return strings.HasSuffix(path, ".response.json") })
}

// testLargePool writes pools of 8,000 allocations, whose evaluation must stay within the cost budget of the API server.
func (b *celBaseline) testLargePool(t *testing.T) {
	const size = 8000
	created := largePool(size)
	if got := b.send(t.Context(), &admissionv1.AdmissionRequest{Operation: admissionv1.Create}, created, nil); got.denied != "" || got.other != nil {
		t.Errorf("a pool is created: %+v, want nothing", got)
	}
	old := b.store(t, created)
	update := &admissionv1.AdmissionRequest{Operation: admissionv1.Update}
	if got := b.send(t.Context(), update, largePool(size+1), old); got.denied != "" || got.other != nil {
		t.Errorf("an allocation is added: %+v, want nothing", got)
	}
	duplicate := largePool(size)
	if err := unstructured.SetNestedField(duplicate.Object, allocation(1), "spec", "allocations", fmt.Sprint(size+1)); err != nil {
		t.Fatal(err)
	}
	if got := b.send(t.Context(), update, duplicate, old); got.denied != "podref-duplicate" {
		t.Errorf("a duplicate is added: %+v, want podref-duplicate", got)
	}
}

// largePool returns a pool with the offsets from 1 to size.
func largePool(size int) *unstructured.Unstructured {
	allocations := map[string]any{}
	for i := 1; i <= size; i++ {
		allocations[fmt.Sprint(i)] = allocation(i)
	}
	pool := documentedPool()
	pool.SetName("10.0.0.0-16")
	pool.Object["spec"] = map[string]any{"range": "10.0.0.0/16", "allocations": allocations}
	return pool
}

// allocation returns the allocation of a pod with a number.
func allocation(pod int) map[string]any {
	return map[string]any{"id": fmt.Sprint("id-", pod), "podref": fmt.Sprint("default/web-", pod), "ifname": "net1"}
}
