package server

import (
	"ippool-webhook/webhook/admission"
	"ippool-webhook/webhook/review"
)

// workspace is the memory for the evaluation of one request. It is reused for the next request.
type workspace struct {
	request review.Request
	scratch admission.Scratch
	answer  []byte
}

const (
	// maxIdleAllocations is the maximum number of allocations for which a workspace keeps memory. A pool that etcd stores has fewer
	// allocations, unless they are almost empty.
	maxIdleAllocations = 32 << 10
	// maxIdleAnswer is the maximum size of a response for which a workspace keeps memory, in bytes.
	maxIdleAnswer = 1 << 20
)

// oversized reports whether w is too large to be kept.
func (w *workspace) oversized() bool {
	allocations := max(cap(w.request.Object.Allocations), cap(w.request.OldObject.Allocations))
	return allocations > maxIdleAllocations || cap(w.answer) > maxIdleAnswer
}
