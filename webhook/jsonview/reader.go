// Package jsonview reads JSON text as views over it, without allocating, as the Kubernetes API server reads it: names
// are case-sensitive and may come twice, and invalid UTF-8 and lone surrogates read as U+FFFD.
package jsonview

import (
	"bytes"
	"encoding/binary"
	"errors"

	"github.com/go-json-experiment/json/jsontext"

	"ippool-webhook/webhook/arena"
)

// Reader reads one JSON text from its start to its end. The zero value is made ready, and reused, by Reset.
type Reader struct {
	src  []byte
	buf  bytes.Buffer
	dec  *jsontext.Decoder
	text *arena.Text
}

// Reset makes r read src. The strings that r lends are views of src, or of text where they are spelled with escapes.
func (r *Reader) Reset(src []byte, text *arena.Text) {
	r.src, r.text = src, text
	r.buf = *bytes.NewBuffer(src)
	if r.dec == nil {
		// Both options as in encoding/json, from which the API server's decoder is made.
		r.dec = jsontext.NewDecoder(&r.buf, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
		return
	}
	r.dec.Reset(&r.buf, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// Offset returns how many bytes have been read.
func (r *Reader) Offset() int { return int(r.dec.InputOffset()) }

// Peek returns the kind of the next value, or of the end of the object or list that is being read.
func (r *Reader) Peek() jsontext.Kind { return r.dec.PeekKind() }

// Enter reads the brace or bracket that opens the next value.
func (r *Reader) Enter() error {
	_, err := r.dec.ReadToken()
	return err
}

// More reports whether the object or list that is being read goes on; where not, it reads its end.
func (r *Reader) More() (bool, error) {
	switch r.dec.PeekKind() {
	case '}', ']':
		_, err := r.dec.ReadToken()
		return false, err
	default:
		return true, nil
	}
}

// Name reads the name of the next field of the object that is being read; where there is none, it reads the object's
// end and reports false.
func (r *Reader) Name() (name string, more bool, err error) {
	if more, err = r.More(); err != nil || !more {
		return "", false, err
	}
	name, err = r.Text()
	return name, true, err
}

// Raw reads the next value and returns its text, a valid JSON value.
func (r *Reader) Raw() ([]byte, error) {
	value, err := r.dec.ReadValue()
	if err != nil {
		return nil, err
	}
	end := r.Offset()
	return r.src[end-len(value) : end], nil
}

// Text reads the next value, which must be a string or the name of a field.
func (r *Reader) Text() (string, error) {
	raw, err := r.Raw()
	if err != nil {
		return "", err
	}
	return r.unquote(raw), nil
}

// unquote returns what a JSON string says.
func (r *Reader) unquote(raw []byte) string {
	if inner := raw[1 : len(raw)-1]; Plain(inner) {
		return arena.View(inner)
	}
	return r.text.Append(func(dst []byte) []byte {
		// The reader has checked the syntax; the only error left is invalid UTF-8, which reads as U+FFFD.
		dst, _ = jsontext.AppendUnquote(dst, raw)
		return dst
	})
}

// Close checks that nothing but white space follows the value that was read.
func (r *Reader) Close() error {
	if rest := bytes.TrimLeft(r.src[r.Offset():], " \t\r\n"); len(rest) > 0 {
		return errors.New("data follows the JSON value")
	}
	return nil
}

// Plain reports whether the inside of a JSON string stands for itself: ASCII without a backslash. It looks at eight bytes
// at a time, because every string of a pool is looked at.
func Plain(s []byte) bool {
	const (
		ones       = 0x0101010101010101
		highBits   = 0x8080808080808080
		backslashs = '\\' * ones
	)
	for ; len(s) >= 8; s = s[8:] {
		word := binary.LittleEndian.Uint64(s)
		differs := word ^ backslashs // a zero byte where there is a backslash
		if (word|(differs-ones)&^differs)&highBits != 0 {
			return false
		}
	}
	for _, c := range s {
		if c == '\\' || c >= 0x80 {
			return false
		}
	}
	return true
}
