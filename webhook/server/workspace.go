package server

import (
	"ippool-webhook/webhook/admission"
	"ippool-webhook/webhook/review"
)

// workspace is the memory for one request after its body has been read. The next request uses it again.
type workspace struct {
	request review.Request
	scratch admission.Scratch
	answer  []byte
}

const (
	// maxIdleAllocations is for how many allocations of a pool a workspace keeps memory: several times what fits into an object
	// that etcd stores.
	maxIdleAllocations = 32 << 10
	// maxIdleAnswer is how many bytes of an answer a workspace keeps.
	maxIdleAnswer = 1 << 20
)

// oversized reports whether one request has made w so large that it must not be kept.
func (w *workspace) oversized() bool {
	allocations := max(cap(w.request.Object.Allocations), cap(w.request.OldObject.Allocations))
	return allocations > maxIdleAllocations || cap(w.answer) > maxIdleAnswer
}
