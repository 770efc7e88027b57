package codec

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// scanString returns the length of the JSON string at the beginning of text, and whether it has escapes; or 0 if there is no
// string.
func scanString(text []byte) (n int, escaped bool) {
	for n = 1; n < len(text); n++ {
		switch c := text[n]; {
		case c == '"':
			return n + 1, escaped
		case c == '\\':
			length := escapeLength(text[n:])
			if length == 0 {
				return 0, false
			}
			escaped = true
			n += length - 1
		case c < ' ':
			return 0, false
		}
	}
	return 0, false
}

// escapeLength returns the length of the escape at the beginning of text (RFC 8259 section 7), or 0 if it is invalid.
func escapeLength(text []byte) int {
	if len(text) < 2 {
		return 0
	}
	switch text[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		const length = len(`\uFFFD`)
		if len(text) < length {
			return 0
		}
		for _, c := range text[2:length] {
			if !isHex(c) {
				return 0
			}
		}
		return length
	default:
		return 0
	}
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// unquote returns the content of a string that needs decoding.
func (r *Reader) unquote(quoted []byte, escaped bool) string {
	inside := quoted[1 : len(quoted)-1]
	valid := utf8.Valid(inside)
	if valid && !escaped {
		return View(inside)
	}
	size := len(quoted)
	if !valid {
		size *= len("\uFFFD") // it replaces a byte
	}
	return r.text.Append(size, func(dst []byte) []byte {
		if !escaped {
			return appendValid(dst, inside)
		}
		return appendUnescaped(dst, inside)
	})
}

// appendUnescaped appends the content of a string with valid escapes, given its inside. Invalid UTF-8 and lone surrogates are
// read as U+FFFD, as by encoding/json.
func appendUnescaped(dst, text []byte) []byte {
	for len(text) > 0 {
		plain := bytes.IndexByte(text, '\\')
		if plain < 0 {
			return appendValid(dst, text)
		}
		dst, text = appendValid(dst, text[:plain]), text[plain:]
		if text[1] != 'u' {
			dst, text = append(dst, unescaped(text[1])), text[2:]
			continue
		}
		c, size := rune(hex(text)), len(`\uFFFD`)
		if utf16.IsSurrogate(c) {
			if pair := text[size:]; len(pair) >= size && pair[0] == '\\' && pair[1] == 'u' {
				if both := utf16.DecodeRune(c, rune(hex(pair))); both != utf8.RuneError {
					c, size = both, 2*size
				}
			}
		}
		dst, text = utf8.AppendRune(dst, c), text[size:] // a lone surrogate is appended as U+FFFD
	}
	return dst
}

// unescaped returns the character that a backslash and c denote.
func unescaped(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	default:
		return c
	}
}

// hex returns the number in the escape \uXXXX at the beginning of text.
func hex(text []byte) uint16 {
	var n uint16
	for _, c := range text[len(`\u`):len(`\uFFFD`)] {
		n <<= 4
		switch {
		case c <= '9':
			n |= uint16(c - '0')
		default:
			n |= uint16(c|0x20-'a') + 10
		}
	}
	return n
}

// appendValid appends text with U+FFFD for each byte that is not UTF-8, as by encoding/json.
func appendValid(dst, text []byte) []byte {
	for len(text) > 0 {
		c, size := utf8.DecodeRune(text)
		dst, text = utf8.AppendRune(dst, c), text[size:]
	}
	return dst
}
