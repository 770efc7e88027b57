package admissiontest

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	ctrladmission "sigs.k8s.io/controller-runtime/pkg/webhook/admission"
)

// typedPool makes a pool usable with controller-runtime's typed validator.
type typedPool struct {
	Pool
}

// DeepCopyObject implements runtime.Object.
func (p *typedPool) DeepCopyObject() runtime.Object { return &typedPool{Pool: *p.Clone()} }

type typedValidator struct{}

// NewTypedHandler returns the peer of the benchmarks: the plain way to write this webhook, with controller-runtime's typed
// validator. It checks less than the rules do.
func NewTypedHandler() http.Handler {
	scheme := runtime.NewScheme()
	scheme.AddKnownTypeWithName(schema.GroupVersionKind{Group: "whereabouts.cni.cncf.io", Version: "v1alpha1", Kind: "IPPool"}, &typedPool{})
	return ctrladmission.WithValidator(scheme, typedValidator{})
}

// ValidateCreate implements admission.Validator.
func (v typedValidator) ValidateCreate(_ context.Context, pool *typedPool) (ctrladmission.Warnings, error) {
	return nil, v.validate(pool)
}

// ValidateUpdate implements admission.Validator.
func (v typedValidator) ValidateUpdate(_ context.Context, old, pool *typedPool) (ctrladmission.Warnings, error) {
	if old.Spec.Range != pool.Spec.Range {
		return nil, field.Forbidden(field.NewPath("spec", "range"), "is immutable")
	}
	return nil, v.validate(pool)
}

// ValidateDelete implements admission.Validator.
func (typedValidator) ValidateDelete(context.Context, *typedPool) (ctrladmission.Warnings, error) {
	return nil, nil
}

func (typedValidator) validate(pool *typedPool) error {
	_, network, err := net.ParseCIDR(pool.Spec.Range)
	if err != nil {
		return field.Invalid(field.NewPath("spec", "range"), pool.Spec.Range, err.Error())
	}
	ones, bits := network.Mask.Size()
	var mistakes field.ErrorList
	owners := map[string]string{}
	for key, allocation := range pool.Spec.Allocations {
		path := field.NewPath("spec", "allocations").Key(key)
		if offset, err := strconv.ParseUint(key, 10, 64); err != nil || offset >= 1<<(bits-ones) {
			mistakes = append(mistakes, field.Invalid(path, key, "is not an offset in the range"))
		}
		if strings.Count(allocation.PodRef, "/") != 1 {
			mistakes = append(mistakes, field.Invalid(path.Child("podref"), allocation.PodRef, "is not namespace/name"))
		}
		owner := allocation.PodRef + "/" + allocation.IfName
		if other, ok := owners[owner]; ok {
			mistakes = append(mistakes, field.Duplicate(path.Child("podref"), fmt.Sprintf("%s, also at %s", owner, other)))
		}
		owners[owner] = key
	}
	if len(mistakes) == 0 {
		return nil
	}
	return apierrors.NewInvalid(schema.GroupKind{Group: "whereabouts.cni.cncf.io", Kind: "IPPool"}, pool.Name, mistakes)
}
