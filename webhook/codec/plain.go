package codec

import (
	"encoding/binary"
	"math/bits"
)

// cutPlain returns the inside of the JSON string at the beginning of text, and the text after the string, if the string needs no
// decoding: ASCII without escapes or control characters. It reads eight bytes at a time, because it reads every string of a
// pool.
func cutPlain(text []byte) (inside, rest []byte, ok bool) {
	if len(text) == 0 || text[0] != '"' {
		return nil, nil, false
	}
	end := 1
	for ; end+8 <= len(text); end += 8 {
		if special := specialBytes(binary.LittleEndian.Uint64(text[end:])); special != 0 {
			end += bits.TrailingZeros64(special) / 8
			return cutAt(text, end)
		}
	}
	for ; end < len(text); end++ {
		if c := text[end]; c < ' ' || c == '"' || c == '\\' || c >= 0x80 {
			return cutAt(text, end)
		}
	}
	return nil, nil, false
}

// cutAt cuts the string at the beginning of text at its first special byte, if that is the closing quote.
func cutAt(text []byte, end int) (inside, rest []byte, ok bool) {
	return text[1:end], text[end+1:], text[end] == '"'
}

// specialBytes returns a word whose lowest set bit is in the first byte, in memory order, that is a quote, a backslash, a
// control character or not ASCII. A subtraction borrows from the next byte only if it has found a byte. So bits of later bytes
// can be wrong, and the first one is always right.
func specialBytes(word uint64) uint64 {
	const (
		ones = 0x0101010101010101
		high = 0x8080808080808080
	)
	quote := word ^ '"'*ones
	backslash := word ^ '\\'*ones
	found := (quote-ones)&^quote | (backslash-ones)&^backslash | (word-' '*ones)&^word | word
	return found & high
}

// SkipSpace returns text without leading white space.
func SkipSpace(text []byte) []byte {
	for len(text) > 0 && (text[0] == ' ' || text[0] == '\t' || text[0] == '\n' || text[0] == '\r') {
		text = text[1:]
	}
	return text
}
