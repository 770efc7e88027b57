package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	certmanagerv1 "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"ippool-webhook/test/environment"
)

// object sets the namespace and the name of an object.
func object[T client.Object](o T, namespace, name string) T {
	o.SetNamespace(namespace)
	o.SetName(name)
	return o
}

func validating() *admissionv1.ValidatingWebhookConfiguration {
	return object(&admissionv1.ValidatingWebhookConfiguration{}, "", name)
}

func mutating() *admissionv1.MutatingWebhookConfiguration {
	return object(&admissionv1.MutatingWebhookConfiguration{}, "", name)
}

// users is the index of the webhook for users in the validating configuration.
const users = 0

// changeUsers changes the webhook for users of the validating configuration.
func changeUsers(change func(*admissionv1.ValidatingWebhook)) func(*testing.T) {
	return func(t *testing.T) {
		alter(t, validating(), func(c *admissionv1.ValidatingWebhookConfiguration) { change(&c.Webhooks[users]) })
	}
}

// addWhereabouts adds the webhook for Whereabouts to the validating configuration, as the component whereabouts-observe does, and
// changes it.
func addWhereabouts(change func(*admissionv1.ValidatingWebhook)) func(*testing.T) {
	return func(t *testing.T) {
		built, err := suite.Build("resources: [../manifests/base]\ncomponents: [../manifests/components/whereabouts-observe]\n", nil)
		if err != nil {
			t.Fatal(err)
		}
		var added admissionv1.ValidatingWebhook
		for _, r := range built.Resources() {
			if r.GetKind() != "ValidatingWebhookConfiguration" {
				continue
			}
			var c admissionv1.ValidatingWebhookConfiguration
			if err := yaml.Unmarshal([]byte(r.MustYaml()), &c); err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(c.Webhooks, func(w admissionv1.ValidatingWebhook) bool { return strings.HasPrefix(w.Name, "whereabouts.") })
			added = c.Webhooks[i]
		}
		alter(t, validating(), func(c *admissionv1.ValidatingWebhookConfiguration) {
			added.ClientConfig.CABundle = c.Webhooks[users].ClientConfig.CABundle
			change(&added)
			c.Webhooks = append(c.Webhooks, added)
		})
	}
}

// alter changes an object until the end of the test.
func alter[T client.Object](t *testing.T, o T, change func(T)) {
	t.Helper()
	if err := suite.admin.Get(t.Context(), client.ObjectKeyFromObject(o), o); err != nil {
		t.Fatal(err)
	}
	before := o.DeepCopyObject().(client.Object) //nolint:errcheck // the copy has the same type
	change(o)
	store(t, o)
	t.Cleanup(func() {
		if err := suite.admin.Get(context.Background(), client.ObjectKeyFromObject(o), o); err != nil {
			t.Fatal(err)
		}
		before.SetResourceVersion(o.GetResourceVersion())
		store(t, before)
	})
}

// store updates an object or, for a Certificate, its status.
func store(t *testing.T, o client.Object) {
	t.Helper()
	write := func(o client.Object) error { return suite.admin.Update(context.WithoutCancel(t.Context()), o) }
	if _, ok := o.(*certmanagerv1.Certificate); ok {
		write = func(o client.Object) error { return suite.admin.Status().Update(context.WithoutCancel(t.Context()), o) }
	}
	if err := write(o); err != nil {
		t.Fatal(err)
	}
}

// add creates an object until the end of the test.
func add(t *testing.T, o client.Object) {
	t.Helper()
	if err := suite.admin.Create(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := suite.admin.Delete(context.Background(), o); err != nil {
			t.Fatal(err)
		}
	})
}

// remove deletes an object until the end of the test.
func remove(t *testing.T, o client.Object) {
	t.Helper()
	if err := suite.admin.Get(t.Context(), client.ObjectKeyFromObject(o), o); err != nil {
		t.Fatal(err)
	}
	again := o.DeepCopyObject().(client.Object) //nolint:errcheck // the copy has the same type
	again.SetResourceVersion("")
	again.SetUID("")
	again.SetManagedFields(nil)
	if err := suite.admin.Delete(t.Context(), o, client.PropagationPolicy(metav1.DeletePropagationBackground)); err != nil {
		t.Fatal(err)
	}
	awaitGone(t, o)
	t.Cleanup(func() {
		// The API server needs a moment to serve a kind whose CRD was created again.
		if err := environment.Await(context.Background(), "the return of "+again.GetName(), func(ctx context.Context) error {
			return suite.create(ctx, again)
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func awaitGone(t *testing.T, o client.Object) {
	t.Helper()
	err := environment.Await(t.Context(), "the end of "+o.GetName(), func(ctx context.Context) error {
		if err := suite.admin.Get(ctx, client.ObjectKeyFromObject(o), o); !apierrors.IsNotFound(err) {
			return fmt.Errorf("it is still there: %w", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
