package ippool

import (
	"math"
	"strings"
)

// Offset is the value of an allocation's key: the distance of the allocated address from the address in range.
type Offset struct {
	// Value is a number of addresses. It is valid if Readable is true.
	Value uint64
	// CanonicalLength is the length of the canonical key, in bytes. The canonical key is the end of the key. It is zero if the
	// key is not a whole number, or is negative.
	CanonicalLength int32
	// Readable says that Whereabouts reads the key as this value: strconv.ParseInt of base 10 and 64 bits takes it
	// (toIPReservationList in pkg/storage/kubernetes/ipam.go), and it is not negative.
	Readable bool
	// Canonical says that the key is decimal without leading zeros, the form that Whereabouts writes.
	Canonical bool
}

// ParseOffset reads the key of an allocation. Every key has an Offset; its flags say whether it is valid.
func ParseOffset(key string) Offset {
	canonical := canonicalKey(key)
	if canonical == "" {
		return Offset{}
	}
	value, readable := readInt64(canonical)
	return Offset{Value: value, CanonicalLength: int32(len(canonical)), Readable: readable, Canonical: len(canonical) == len(key)}
}

// canonicalKey returns the key without its sign and leading zeros, which is what Whereabouts writes for the same number. It
// returns "" if the key is not a whole number, or is negative.
func canonicalKey(key string) string {
	number, negative := key, false
	if key != "" && (key[0] == '+' || key[0] == '-') {
		number, negative = key[1:], key[0] == '-'
	}
	if !isDecimal(number) {
		return ""
	}
	if number[0] == '0' {
		number = number[min(len(number)-1, leadingZeros(number)):]
	}
	if negative && number != "0" {
		return ""
	}
	return number
}

func leadingZeros(s string) int { return len(s) - len(strings.TrimLeft(s, "0")) }

func isDecimal(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// readInt64 reads a decimal number. It returns false for a number over math.MaxInt64, for which strconv.ParseInt fails.
func readInt64(decimal string) (uint64, bool) {
	const maxLength = len("9223372036854775807")
	if len(decimal) > maxLength {
		return 0, false
	}
	var value uint64 // 19 decimal places cannot overflow it
	for i := range len(decimal) {
		value = value*10 + uint64(decimal[i]-'0')
	}
	return value, value <= math.MaxInt64
}
