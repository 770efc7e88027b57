package codec

import "unsafe"

// View returns the bytes of b as a string, without copying. The string changes with b: it may be kept only as long as
// nobody writes to b, which for a request's body is until the request has been answered.
func View(b []byte) string {
	return unsafe.String(unsafe.SliceData(b), len(b)) //nolint:gosec // the one place where strings are lent instead of copied
}

// chunk is how many bytes a Text takes at a time.
const chunk = 64 << 10

// Text collects pieces of text and lends views of them. The views live until Reset. The zero value is ready to use.
type Text struct {
	// first is kept for the next request; buf is the chunk in use, which may be another one.
	first, buf []byte
}

// Reset forgets every piece; views lent before must no longer be used.
func (t *Text) Reset() { t.buf = t.first[:0] }

// Append calls add with a buffer that has room for size bytes, keeps what add appended, and lends a view of it. Text never
// moves: where more is appended than there is room for, it begins in a chunk of its own.
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
