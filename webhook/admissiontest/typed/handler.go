// Package typed is the peer of the benchmarks: the plain way to write this webhook, with controller-runtime's typed validator.
package typed

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

	"ippool-webhook/webhook/admissiontest"
	"ippool-webhook/webhook/ippool"
)

// pool makes an admissiontest.Pool usable with controller-runtime's typed validator.
type pool struct {
	admissiontest.Pool
}

// DeepCopyObject implements runtime.Object.
func (p *pool) DeepCopyObject() runtime.Object { return &pool{*p.Clone()} }

type validator struct{}

// NewHandler returns a handler that validates IPPools. It checks less than the rules do.
func NewHandler() http.Handler {
	scheme := runtime.NewScheme()
	scheme.AddKnownTypeWithName(schema.GroupVersionKind{Group: ippool.Group, Version: ippool.Version, Kind: ippool.Kind}, &pool{})
	return ctrladmission.WithValidator(scheme, validator{})
}

// ValidateCreate implements admission.Validator.
func (v validator) ValidateCreate(_ context.Context, p *pool) (ctrladmission.Warnings, error) {
	return nil, v.validate(p)
}

// ValidateUpdate implements admission.Validator.
func (v validator) ValidateUpdate(_ context.Context, old, p *pool) (ctrladmission.Warnings, error) {
	if old.Spec.Range != p.Spec.Range {
		return nil, field.Forbidden(field.NewPath("spec", "range"), "is immutable")
	}
	return nil, v.validate(p)
}

// ValidateDelete implements admission.Validator.
func (validator) ValidateDelete(context.Context, *pool) (ctrladmission.Warnings, error) {
	return nil, nil
}

func (validator) validate(p *pool) error {
	_, network, err := net.ParseCIDR(p.Spec.Range)
	if err != nil {
		return field.Invalid(field.NewPath("spec", "range"), p.Spec.Range, err.Error())
	}
	ones, bits := network.Mask.Size()
	var mistakes field.ErrorList
	owners := map[string]string{}
	for key, allocation := range p.Spec.Allocations {
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
	return apierrors.NewInvalid(schema.GroupKind{Group: ippool.Group, Kind: ippool.Kind}, p.Name, mistakes)
}
