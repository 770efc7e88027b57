package ippool

import (
	"math"
	"strings"
)

// Offset is the value of an allocation's key: the distance of the allocated address from the address in range.
type Offset struct {
	// Value is a number of addresses. It is valid if Readable is true.
	Value uint64
	// Digits is the number of bytes at the end of the key that are the number's digits without leading zeros. It is zero if
	// the key is not a whole number, or is negative.
	Digits int32
	// Readable says that Whereabouts reads the key as this value: strconv.ParseInt of base 10 and 64 bits takes it
	// (toIPReservationList in pkg/storage/kubernetes/ipam.go), and it is not negative.
	Readable bool
	// Canonical says that the key has the form that Whereabouts writes: digits without leading zeros.
	Canonical bool
}

// ParseOffset reads the key of an allocation. Every key has an Offset; its flags say whether it is valid.
func ParseOffset(key string) Offset {
	digits := digitsOf(key)
	if digits == "" {
		return Offset{}
	}
	value, readable := readInt64(digits)
	return Offset{Value: value, Digits: int32(len(digits)), Readable: readable, Canonical: len(digits) == len(key)}
}

// digitsOf returns the part of key that Whereabouts would have written for the same number: key without a sign and
// without leading zeros. It is empty where key is not a whole number, or a negative one.
func digitsOf(key string) string {
	digits, negative := key, false
	if key != "" && (key[0] == '+' || key[0] == '-') {
		digits, negative = key[1:], key[0] == '-'
	}
	if !allDigits(digits) {
		return ""
	}
	if digits[0] == '0' {
		digits = digits[min(len(digits)-1, leadingZeros(digits)):]
	}
	if negative && digits != "0" {
		return ""
	}
	return digits
}

func leadingZeros(s string) int { return len(s) - len(strings.TrimLeft(s, "0")) }

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// readInt64 reads decimal digits; it fails past math.MaxInt64, where strconv.ParseInt does.
func readInt64(digits string) (uint64, bool) {
	const maxDigits = len("9223372036854775807")
	if len(digits) > maxDigits {
		return 0, false
	}
	var value uint64 // 19 digits cannot overflow it
	for i := range len(digits) {
		value = value*10 + uint64(digits[i]-'0')
	}
	return value, value <= math.MaxInt64
}
