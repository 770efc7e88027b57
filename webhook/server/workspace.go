package server

import (
	"ippool-webhook/webhook/admission"
	"ippool-webhook/webhook/review"
)

// workspace is memory for one request after its body has been read, used again for the next request.
type workspace struct {
	request review.Request
	scratch admission.Scratch
	answer  []byte
}

const (
	// maxIdleAllocations is the number of allocations of a pool for which a workspace keeps memory. An object that etcd stores
	// has fewer, unless they are almost empty.
	maxIdleAllocations = 32 << 10
	// maxIdleAnswer is the number of bytes of a response for which a workspace keeps memory.
	maxIdleAnswer = 1 << 20
)

// oversized reports whether a request has made w too large to be kept.
func (w *workspace) oversized() bool {
	allocations := max(cap(w.request.Object.Allocations), cap(w.request.OldObject.Allocations))
	return allocations > maxIdleAllocations || cap(w.answer) > maxIdleAnswer
}
