// Package codec reads JSON text as views over it, without an allocation for each value, and decodes IPPools from it. It reads
// as the Kubernetes API server does: names are case-sensitive and may occur twice, and invalid UTF-8 and lone surrogates read
// as U+FFFD.
//
// The Reader reads objects, lists, strings and short values by itself, and lends strings that need no decoding as they are.
// jsontext skips the long values that are not used, such as managedFields, and says what is wrong with a value.
package codec

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth is how deep objects and lists may be nested, as in sigs.k8s.io/json and in jsontext.
const maxDepth = 10000

// Reader reads one JSON text from its start to its end. The zero value is made ready, and reused, by Reset.
type Reader struct {
	src   []byte
	pos   int
	depth int
	// entered is true if nothing has been read yet of the current object or list.
	entered bool

	// ctx ends the reading of one text. checked is the offset at which it was last checked.
	ctx     context.Context
	checked int

	text *Text
	buf  bytes.Buffer
	dec  *jsontext.Decoder
}

// checkEvery is the largest number of bytes that are read between two checks of the context.
const checkEvery = 64 << 10

// Reset makes r read src until ctx ends. The strings that r returns are views of src, or of text if they have escapes.
func (r *Reader) Reset(ctx context.Context, src []byte, text *Text) {
	r.ctx, r.src, r.text = ctx, src, text
	r.pos, r.depth, r.checked, r.entered = 0, 0, 0, false
}

// Source returns the JSON text that is read.
func (r *Reader) Source() []byte { return r.src }

// Offset returns the number of bytes that have been read.
func (r *Reader) Offset() int { return r.pos }

// Peek returns the first byte of the next value as its kind, or 0 at the end of the text. It does not check the value.
func (r *Reader) Peek() jsontext.Kind {
	r.skipSpace()
	switch c := r.peekByte(); {
	case c == '-' || c >= '0' && c <= '9':
		return '0'
	default:
		return jsontext.Kind(c)
	}
}

// Enter reads the brace or bracket at the beginning of the next value. Peek must have returned it.
func (r *Reader) Enter() error {
	if r.depth == maxDepth {
		return fmt.Errorf("nested more than %d deep at byte %d", maxDepth, r.pos)
	}
	r.pos++
	r.depth++
	r.entered = true
	return nil
}

// More reports whether the current object or list has another field or element; if not, it reads its end, which is the given
// byte. It must be called before each element of a list; Name calls it for objects. It fails when the context has ended.
func (r *Reader) More(end byte) (bool, error) {
	if r.pos-r.checked > checkEvery {
		r.checked = r.pos
		if err := r.ctx.Err(); err != nil {
			return false, err
		}
	}
	r.skipSpace()
	first := r.entered
	r.entered = false
	switch c := r.peekByte(); {
	case c == end:
		r.pos++
		r.depth--
		return false, nil
	case first:
		return true, nil
	case c == ',':
		r.pos++
		r.skipSpace()
		return true, nil
	default:
		return false, r.unexpected("a comma or " + string(end))
	}
}

// Name reads the name of the next field of the current object, and the colon after it. If there is no such field, it reads the end of
// the object and returns false.
func (r *Reader) Name() (name string, more bool, err error) {
	if more, err = r.More('}'); err != nil || !more {
		return "", false, err
	}
	name, err = r.Key()
	return name, true, err
}

// Key reads the name of a field, and the colon after it. More must have returned true.
func (r *Reader) Key() (string, error) {
	if r.peekByte() != '"' {
		return "", r.unexpected("the name of a field")
	}
	name, err := r.Text()
	if err != nil {
		return "", err
	}
	r.skipSpace()
	if r.peekByte() != ':' {
		return "", r.unexpected("a colon")
	}
	r.pos++
	r.skipSpace()
	return name, nil
}

// Raw reads the next value and returns its text, which is valid JSON.
func (r *Reader) Raw() ([]byte, error) {
	r.buf = *bytes.NewBuffer(r.src[r.pos:])
	// Both options as in encoding/json, from which the API server's decoder is made.
	options := [...]jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}
	if r.dec == nil {
		r.dec = jsontext.NewDecoder(&r.buf, options[:]...)
	} else {
		r.dec.Reset(&r.buf, options[:]...)
	}
	value, err := r.dec.ReadValue()
	if err != nil {
		return nil, fmt.Errorf("the value at byte %d is not JSON: %w", r.pos, err)
	}
	r.pos += int(r.dec.InputOffset())
	return r.src[r.pos-len(value) : r.pos], nil
}

// SkipValue reads the next value.
func (r *Reader) SkipValue() error {
	r.skipSpace()
	if n := shortLength(r.src[r.pos:]); n > 0 {
		r.pos += n
		return nil
	}
	_, err := r.Raw()
	return err
}

// shortLength returns the length of the value that text starts with, if that is a string that stands for itself, a literal, a
// number, or an empty object or list; otherwise 0.
func shortLength(text []byte) int {
	if len(text) < 2 {
		return 0
	}
	switch text[0] {
	case '"':
		if _, after, ok := cutPlain(text); ok {
			return len(text) - len(after)
		}
		return 0
	case 'n':
		return prefixLength(text, "null")
	case 't':
		return prefixLength(text, "true")
	case 'f':
		return prefixLength(text, "false")
	case '{':
		return prefixLength(text, "{}")
	case '[':
		return prefixLength(text, "[]")
	default:
		return numberLength(text)
	}
}

// prefixLength returns the length of prefix if text starts with it, or 0.
func prefixLength(text []byte, prefix string) int {
	if strings.HasPrefix(View(text), prefix) {
		return len(prefix)
	}
	return 0
}

// TextSince returns the part of the JSON text from start to where r has read.
func (r *Reader) TextSince(start int) string { return View(r.src[start:r.pos]) }

// Text reads the next value, which must be a string, and returns its content.
func (r *Reader) Text() (string, error) {
	rest := r.src[r.pos:]
	if inside, after, ok := cutPlain(rest); ok {
		r.pos = len(r.src) - len(after)
		return View(inside), nil
	}
	n, escaped := scanString(rest)
	if n == 0 { // the value is not a string; Raw returns the error
		_, err := r.Raw()
		return "", cmp.Or(err, r.unexpected("a string"))
	}
	r.pos += n
	return r.unquote(rest[:n], escaped), nil
}

// Skip skips n bytes, in which the caller has read one value.
func (r *Reader) Skip(n int) { r.pos += n }

// Rest returns the text that has not been read.
func (r *Reader) Rest() []byte { return r.src[r.pos:] }

// Close checks that nothing but white space follows the value that was read.
func (r *Reader) Close() error {
	r.skipSpace()
	if r.pos < len(r.src) {
		return fmt.Errorf("data follows the JSON value, from byte %d on", r.pos)
	}
	return nil
}

func (r *Reader) skipSpace() { r.pos = len(r.src) - len(SkipSpace(r.src[r.pos:])) }

// peekByte returns the next byte, or 0, which no JSON contains, at the end.
func (r *Reader) peekByte() byte {
	if r.pos < len(r.src) {
		return r.src[r.pos]
	}
	return 0
}

func (r *Reader) unexpected(want string) error {
	if r.pos >= len(r.src) {
		return errors.New("the JSON text ends early, expected " + want)
	}
	return fmt.Errorf("unexpected %q at byte %d, expected %s", r.src[r.pos], r.pos, want)
}
