package bodies

import (
	"strconv"

	admissionv1 "k8s.io/api/admission/v1"

	"ippool-webhook/webhook/admissiontest"
)

// smallPool is how many allocations the pool of Small has.
const smallPool = 16

// Small returns a small healthy review: a pod gets an address.
func Small() []byte { return healthy(Update, smallPool) }

// Healthy returns a healthy review of about size bytes: a pool with as many allocations as fit, and with the managedFields
// that it has in a cluster. The update adds one allocation.
func Healthy(size int, operation string) []byte {
	allocations := 1000
	for range 3 { // the more there are, the longer their numbers
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
