package doctor

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// access is an RBAC permission that doctor needs. An empty namespace means the whole cluster.
type access struct{ verb, group, resource, namespace string }

func (a access) String() string {
	text := fmt.Sprintf("%s %s (apiGroups: [%q])", a.verb, a.resource, a.group)
	if a.namespace != "" {
		text += " in namespace " + a.namespace
	}
	return text
}

// read is the response of the API server to a request, or the error.
type read[T any] struct {
	value  T
	access access
	err    error
}

// missing reports whether the object, or its kind, does not exist.
func (r read[T]) missing() bool { return apierrors.IsNotFound(r.err) || meta.IsNoMatchError(r.err) }

// reason returns why the request failed.
func (r read[T]) reason() string {
	if apierrors.IsForbidden(r.err) {
		return "forbidden to " + r.access.verb + " " + r.access.resource
	}
	return fmt.Sprintf("cannot %s %s: %v", r.access.verb, r.access.resource, r.err)
}

// problem returns the problem of a request that failed. A missing permission is only a warning, because it is not a problem of the
// installation.
func (r read[T]) problem() problem {
	if apierrors.IsForbidden(r.err) {
		return problem{Warn, notCheckedPrefix + r.reason(), grant(r.access)}
	}
	return problem{Fail, notCheckedPrefix + r.reason(), seeAPIServer}
}

// get reads an object.
func get[T client.Object](ctx context.Context, c client.Reader, key client.ObjectKey, into T, a access) read[T] {
	a.verb, a.namespace = "get", key.Namespace
	return read[T]{into, a, c.Get(ctx, key, into)}
}

// list reads a list.
func list[T client.ObjectList](ctx context.Context, c client.Reader, into T, a access, options ...client.ListOption) read[T] {
	a.verb = "list"
	return read[T]{into, a, c.List(ctx, into, options...)}
}
