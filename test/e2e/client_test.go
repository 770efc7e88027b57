package e2e

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"ippool-webhook/test/environment"
)

// The names of the webhooks in denials.
const (
	usersWebhook       = "users.validate.ippool-webhook"
	whereaboutsWebhook = "whereabouts.validate.ippool-webhook"
)

// scene is a namespace for one test, with its users.
type scene struct{ jane, whereabouts *client }

func newScene(t *testing.T) scene {
	t.Helper()
	namespace, err := suite.Namespace(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return scene{jane: newClient(t, suite.jane, namespace), whereabouts: newClient(t, suite.whereabouts, namespace)}
}

// client writes the pools of one namespace as one user.
type client struct {
	dynamic.ResourceInterface
	namespace string
	raw       rest.Interface
}

func newClient(t *testing.T, user *environment.User, namespace string) *client {
	t.Helper()
	config := rest.CopyConfig(user.Config)
	config.WarningHandlerWithContext = warningsOfContext{}
	pools, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	config = dynamic.ConfigFor(config)
	version := environment.PoolResource().GroupVersion()
	config.GroupVersion, config.APIPath = &version, "/apis"
	raw, err := rest.RESTClientFor(config)
	if err != nil {
		t.Fatal(err)
	}
	return &client{pools.Resource(environment.PoolResource()).Namespace(namespace), namespace, raw}
}

// store creates a pool and ignores warnings.
func (c *client) store(t *testing.T, pool *unstructured.Unstructured) *unstructured.Unstructured {
	t.Helper()
	stored, err := c.Create(t.Context(), pool, metav1.CreateOptions{})
	if err != nil {
		t.Fatalf("cannot prepare the test: %v", err)
	}
	return stored
}

// read returns the stored pool with a name, or nil.
func (c *client) read(t *testing.T, name string) *unstructured.Unstructured {
	t.Helper()
	pool, err := c.Get(t.Context(), name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return pool
}

// mustRead returns the stored pool with a name.
func (c *client) mustRead(t *testing.T, name string) *unstructured.Unstructured {
	t.Helper()
	pool := c.read(t, name)
	if pool == nil {
		t.Fatalf("pool %s is not stored", name)
	}
	return pool
}

// create creates a pool.
func (c *client) create(t *testing.T, pool *unstructured.Unstructured) answer {
	t.Helper()
	return request(t, func(ctx context.Context) error {
		_, err := c.Create(ctx, pool, metav1.CreateOptions{})
		return err
	})
}

// update replaces the stored pool.
func (c *client) update(t *testing.T, pool *unstructured.Unstructured) answer {
	t.Helper()
	return request(t, func(ctx context.Context) error {
		_, err := c.put(ctx, pool, metav1.UpdateOptions{})
		return err
	})
}

func (c *client) put(ctx context.Context, pool *unstructured.Unstructured, o metav1.UpdateOptions) (*unstructured.Unstructured, error) {
	stored, err := c.Get(ctx, pool.GetName(), metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	return c.Update(ctx, with(pool, func(p *unstructured.Unstructured) { p.SetResourceVersion(stored.GetResourceVersion()) }), o)
}

// post creates a pool from its JSON text, which a dynamic client would change, and returns the HTTP status.
func (c *client) post(ctx context.Context, text, fieldValidation string) (int, error) {
	request := c.raw.Post().Namespace(c.namespace).Resource(environment.PoolResource().Resource).
		SetHeader("Content-Type", "application/json").Body([]byte(text))
	if fieldValidation != "" {
		request.Param("fieldValidation", fieldValidation)
	}
	var code int
	err := request.Do(ctx).StatusCode(&code).Error()
	return code, err
}

// answer is the part of an answer that a user sees: the Status of a rejection, and warnings.
type answer struct {
	Status   *metav1.Status
	Warnings []string
}

// request sends a request and returns the answer.
func request(t *testing.T, request func(context.Context) error) answer {
	t.Helper()
	var a answer
	err := request(context.WithValue(t.Context(), warningsOfContext{}, &a.Warnings))
	if err == nil {
		return a
	}
	var rejection apierrors.APIStatus
	if !errors.As(err, &rejection) {
		t.Fatalf("the API server gave no answer: %v", err)
	}
	status := rejection.Status()
	status.TypeMeta = metav1.TypeMeta{} // also if the pool does not exist
	a.Status = &status
	return a
}

// warningsOfContext records the warnings of an answer in the context of its request.
type warningsOfContext struct{}

// HandleWarningHeaderWithContext implements rest.WarningHandlerWithContext.
func (warningsOfContext) HandleWarningHeaderWithContext(ctx context.Context, _ int, _, text string) {
	if warnings, ok := ctx.Value(warningsOfContext{}).(*[]string); ok {
		*warnings = append(*warnings, text)
	}
}

// expect compares a complete answer.
func expect(t *testing.T, got, want answer) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

// expectStored compares the stored pool with a name. A nil pool means that there is no pool.
func expectStored(t *testing.T, s scene, name string, want *unstructured.Unstructured) {
	t.Helper()
	if diff := cmp.Diff(want, s.whereabouts.read(t, name)); diff != "" {
		t.Errorf("stored pool %s (-want +got):\n%s", name, diff)
	}
}

// expectSpec compares the spec of the stored pool with the name of the given pool.
func expectSpec(t *testing.T, s scene, want *unstructured.Unstructured) {
	t.Helper()
	expectSameSpec(t, s.whereabouts.mustRead(t, want.GetName()), want)
}

func expectSameSpec(t *testing.T, got, want *unstructured.Unstructured) {
	t.Helper()
	if diff := cmp.Diff(want.Object["spec"], got.Object["spec"]); diff != "" {
		t.Errorf("spec of %s (-want +got):\n%s", want.GetName(), diff)
	}
}

// allowed is the answer to a request that is allowed.
func allowed(warnings ...string) answer { return answer{Warnings: warnings} }

// denied is the answer to a request that a webhook denies for findings of the form "field: message".
func denied(webhook, pool string, findings ...string) answer {
	const group, kind = "whereabouts.cni.cncf.io", "IPPool"
	var causes []metav1.StatusCause
	for _, finding := range findings {
		field, message, _ := strings.Cut(finding, ": ")
		causes = append(causes, metav1.StatusCause{Type: causeType(message), Message: message, Field: field})
	}
	list := strings.Join(findings, ", ")
	if len(findings) > 1 {
		list = "[" + list + "]"
	}
	return answer{Status: &metav1.Status{
		Status: metav1.StatusFailure, Code: 422, Reason: metav1.StatusReasonInvalid,
		Message: fmt.Sprintf("admission webhook %q denied the request: %s.%s %q is invalid: %s", webhook, kind, group, pool, list),
		Details: &metav1.StatusDetails{Name: pool, Group: group, Kind: kind, Causes: causes},
	}}
}

// causeType returns the type that the API machinery uses for a cause with this message.
func causeType(message string) metav1.CauseType {
	if strings.HasSuffix(message, "(rule field-type)") {
		return metav1.CauseTypeTypeInvalid
	}
	kind, _, _ := strings.Cut(message, ": ")
	switch kind {
	case "Required value":
		return metav1.CauseTypeFieldValueRequired
	case "Duplicate value":
		return metav1.CauseTypeFieldValueDuplicate
	case "Forbidden":
		return metav1.CauseTypeForbidden
	default:
		return metav1.CauseTypeFieldValueInvalid
	}
}
