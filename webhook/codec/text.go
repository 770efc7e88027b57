package codec

import "unsafe"

// View returns the bytes of b as a string, without copying. The string changes with b: it is valid until something writes to
// b. A request's body is not written to until the request has been answered.
func View(b []byte) string {
	return unsafe.String(unsafe.SliceData(b), len(b)) //nolint:gosec // the one place where strings are lent instead of copied
}

// chunk is the number of bytes that a Text allocates at a time.
const chunk = 64 << 10

// Text collects pieces of text and returns views of them, which are valid until Reset. The zero value is ready to use.
type Text struct {
	// first is kept for the next request; buf is the chunk in use.
	first, buf []byte
}

// Reset drops every piece. Earlier views must no longer be used.
func (t *Text) Reset() { t.buf = t.first[:0] }

// Append calls add with a buffer that has room for size bytes, keeps the text that add appended, and returns a view of it.
// Earlier pieces never move: a piece without room in the current chunk begins a chunk of its own.
func (t *Text) Append(size int, add func(dst []byte) []byte) string {
	if cap(t.buf)-len(t.buf) < size {
		t.buf = make([]byte, 0, max(size, chunk))
		if t.first == nil && cap(t.buf) == chunk {
			t.first = t.buf
		}
	}
	start := len(t.buf)
	t.buf = add(t.buf)
	return View(t.buf[start:])
}
