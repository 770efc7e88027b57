package bodies

import (
	"strconv"

	admissionv1 "k8s.io/api/admission/v1"

	"ippool-webhook/webhook/admissiontest"
)

// smallPool is the number of allocations in the pool of Small.
const smallPool = 16

// Small returns a small healthy review: a pod gets an address.
func Small() []byte { return healthy(Update, smallPool) }

// Healthy returns a healthy review of about size bytes: a pool with as many allocations as fit, and with the managedFields of a
// pool in a cluster. The update adds one allocation.
func Healthy(size int, operation string) []byte {
	allocations := 1000
	for range 3 { // the size of an allocation grows with the number of allocations
		perAllocation := len(healthy(operation, allocations))/allocations + 1
		allocations = size / perAllocation
	}
	return healthy(operation, allocations)
}

func healthy(operation string, allocations int) []byte {
	old := admissiontest.NewPool(allocations)
	if operation == Create {
		return admissiontest.Body(admissiontest.NewReview(admissionv1.Create, old, nil))
	}
	pool := old.Clone()
	pool.Spec.Allocations[strconv.Itoa(allocations+1)] = admissiontest.NewAllocation(allocations + 1)
	return admissiontest.Body(admissiontest.NewReview(admissionv1.Update, pool, old))
}
