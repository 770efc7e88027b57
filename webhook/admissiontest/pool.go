// Package admissiontest builds IPPools and AdmissionReviews for tests and benchmarks, in the format of a kube-apiserver.
package admissiontest

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// Pool is an IPPool as Whereabouts declares it (pkg/api/whereabouts.cni.cncf.io/v1alpha1 of v0.9.4).
type Pool struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              Spec `json:"spec"`
}

// Spec is spec of a Pool.
type Spec struct {
	Range       string                `json:"range"`
	Allocations map[string]Allocation `json:"allocations"`
}

// Allocation is one allocation of a Pool.
type Allocation struct {
	ID     string `json:"id"`
	PodRef string `json:"podref"`
	IfName string `json:"ifname,omitempty"`
}

// NewPool returns a healthy pool of 10.0.0.0/16 with n allocations, at the offsets 1 to n, and managedFields as large as
// a real one's.
func NewPool(n int) *Pool {
	p := &Pool{
		TypeMeta: metav1.TypeMeta{APIVersion: "whereabouts.cni.cncf.io/v1alpha1", Kind: "IPPool"},
		ObjectMeta: metav1.ObjectMeta{
			Name: "10.0.0.0-16", Namespace: "kube-system", ResourceVersion: "4711", Generation: 17,
			UID: types.UID("0b56c2ae-7d3c-4a8c-9d1e-8a4b3c2d1e0f"),
		},
		Spec: Spec{Range: "10.0.0.0/16", Allocations: map[string]Allocation{}},
	}
	for offset := 1; offset <= n; offset++ {
		p.Spec.Allocations[strconv.Itoa(offset)] = NewAllocation(offset)
	}
	p.ManagedFields = managedFields(p.Spec.Allocations)
	return p
}

// NewAllocation returns the healthy allocation that NewPool makes for an offset.
func NewAllocation(offset int) Allocation {
	return Allocation{
		ID:     fmt.Sprintf("%064x", uint64(offset)*0x9e3779b97f4a7c15),
		PodRef: fmt.Sprintf("tenant-%d/worker-%d-7c9f8d6b5-%05x", offset%7, offset/50, offset),
		IfName: "net1",
	}
}

// Clone returns a copy whose allocations can be changed on their own.
func (p *Pool) Clone() *Pool {
	clone := *p
	clone.Spec.Allocations = maps.Clone(p.Spec.Allocations)
	return &clone
}

// managedFields returns the managedFields of a pool that Whereabouts has filled.
func managedFields(allocations map[string]Allocation) []metav1.ManagedFieldsEntry {
	owned := map[string]any{".": struct{}{}}
	for key := range allocations {
		owned["f:"+key] = map[string]any{".": struct{}{}, "f:id": struct{}{}, "f:ifname": struct{}{}, "f:podref": struct{}{}}
	}
	fields, err := json.Marshal(map[string]any{"f:spec": map[string]any{".": struct{}{}, "f:allocations": owned, "f:range": struct{}{}}})
	if err != nil {
		panic(err) // a map of plain values always marshals
	}
	return []metav1.ManagedFieldsEntry{{
		Manager: "whereabouts", Operation: metav1.ManagedFieldsOperationUpdate, APIVersion: "whereabouts.cni.cncf.io/v1alpha1",
		FieldsType: "FieldsV1", FieldsV1: metav1.NewFieldsV1(string(fields)),
	}}
}
