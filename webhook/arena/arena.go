// Package arena lends strings that cost no allocation: views over bytes that are reused from one request to the next.
package arena

import "unsafe"

// View returns the bytes of b as a string, without copying. The string changes with b: it may be kept only as long as
// nobody writes to b, which for a request's body is until the request has been answered.
func View(b []byte) string {
	return unsafe.String(unsafe.SliceData(b), len(b)) //nolint:gosec // the one place where strings are lent instead of copied
}

// Text collects pieces of text and lends views of them. The views live until Reset. The zero value is ready to use.
type Text struct {
	buf []byte
}

// maxIdleText is how many bytes a Text keeps for the next request, so that one huge request is not remembered forever.
const maxIdleText = 1 << 20

// Reset forgets every piece; views lent before must no longer be used.
func (t *Text) Reset() {
	if cap(t.buf) > maxIdleText {
		t.buf = nil
	}
	t.buf = t.buf[:0]
}

// Append calls add with the collected bytes, keeps what it returns, and lends a view of what it added. When the bytes
// have to move to grow, views lent before go on pointing at the old place, whose content stays the same.
func (t *Text) Append(add func(dst []byte) []byte) string {
	start := len(t.buf)
	t.buf = add(t.buf)
	return View(t.buf[start:])
}
