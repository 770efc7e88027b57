package bodies

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// keyKinds are about the keys of allocations.
func keyKinds() []Kind {
	const owner = `{"id":"i%[1]d","podref":"a/b%[1]d"}`
	nines := strings.Repeat("9", 1000)
	return []Kind{
		{Name: "aliases of one offset", object: allocations(joined(aliases(allOfOne, 0, `{}`)))},
		{Name: "aliases of one offset with owners", object: allocations(joined(aliases(allOfOne, 0, owner)))},
		{Name: "aliases of one offset with signs", object: allocations(joined(signedAliases))},
		{Name: "eight aliases of each offset", object: allocations(joined(aliases(8, 0, owner)))},
		{Name: "two aliases of each offset", object: allocations(joined(aliases(2, 0, `{}`)))},
		{Name: "key of zeros", object: allocations(framed(`"1":{},"`, filled("0"), `1":{}`))},
		{Name: "decimal key", object: allocations(framed(`"1":{},"`, filled("7"), `":{}`))},
		{Name: "padded keys in order", object: allocations(numbered(`"0%07d":{}`))},
		{Name: "padded keys out of order", object: allocations(numbered(`"0%d":{}`))},
		{Name: "padded keys past the range", object: allocationsIn("10.0.0.0/24", numbered(`"0%03d":{}`))},
		{Name: "padded keys with owners", object: allocations(numbered(`"0%[1]d":` + owner))},
		{Name: "every other key padded", object: allocations(numbered(`"%[1]d":{},"0%[1]d1":{}`))},
		{Name: "keys with plus signs", object: allocations(numbered(`"+%d":{}`))},
		{Name: "offsets in no order", object: allocations(numbered(`"%d":{}`))},
		{Name: "offsets in reverse order", object: allocations(joined(fromTheEnd(`"%[1]d":` + owner)))},
		{Name: "shortest keys in order", object: allocations(named(`"%s":{}`, shortest))},
		{Name: "shortest keys in reverse order", object: allocations(named(`"%s":{}`, shortestReversed))},
		{Name: "shortest keys in no order", object: allocations(named(`"%s":{}`, shortestScattered))},
		{Name: "decimal keys of 20 bytes", object: allocations(numbered(`"1%019d":{}`))},
		{Name: "decimal keys of 1000 bytes", object: allocations(numbered(`"` + nines + `%08d":{}`))},
		{Name: "decimal keys of 1000 bytes in reverse order", object: allocations(joined(fromTheEnd(`"` + nines + `%08d":{}`)))},
		{Name: "decimal offsets of 19 bytes", object: allocationsIn("8000::/1", numbered(`"1%018[1]d":`+owner))},
		{Name: "keys written with escapes", object: allocations(named(`"%s":{}`, escapedNumber))},
		{Name: "keys of invalid UTF-8", object: allocations(numbered("\"\xff%d\":{}"))},
		{Name: "keys that invalid UTF-8 makes equal", object: allocations(named(`"%s":{}`, invalidUTF8))},
		{Name: "allocation without a key", object: allocations(framed(`"":{"id":"`, filled("i"), `"}`))},
	}
}

// allOfOne makes all keys of aliases denote one offset.
const allOfOne = math.MaxInt

// aliases returns an item with several keys for each offset. The first key has the given number of leading zeros, and each
// further key has one more. The value can be a format for the number of the key.
func aliases(perOffset, zeros int, value string) item {
	hasNumber := strings.Contains(value, "%")
	return func(dst []byte, from, i int) []byte {
		dst = append(dst, `"`+strings.Repeat("0", zeros+i%perOffset)+strconv.Itoa(from+i/perOffset+1)+`":`...)
		if hasNumber {
			return fmt.Appendf(dst, value, i)
		}
		return append(dst, value...)
	}
}

// signedAliases is an item whose keys denote one offset, alternately without and with a sign.
func signedAliases(dst []byte, from, i int) []byte {
	sign := []string{"", "+"}[i%2]
	return fmt.Appendf(dst, `"%s%s%d":{}`, sign, strings.Repeat("0", i/2), from+1)
}

// fromTheEnd returns an item with decreasing numbers.
func fromTheEnd(format string) item {
	return func(dst []byte, from, i int) []byte { return fmt.Appendf(dst, format, farFrom+from-i) }
}

// escapedNumber returns a number with an escape for each character.
func escapedNumber(number int) string {
	var b strings.Builder
	for _, character := range fmt.Sprint(number) {
		fmt.Fprintf(&b, `\u%04x`, character)
	}
	return b.String()
}

// invalidUTF8 returns two bytes that are not UTF-8. JSON decoders replace both with replacement characters, so all of these
// texts become equal.
func invalidUTF8(number int) string {
	return string([]byte{0xf8 + byte(number%8), 0xf8 + byte(number/8%8)})
}
