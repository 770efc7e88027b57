package bodies

import (
	"fmt"
	"strings"
)

// updateKinds have a new and an old object that are expensive to compare.
func updateKinds() []Kind {
	const owner = `"%[1]d":{"id":"i%[1]d","podref":"a/b%[1]d","ifname":"n"}`
	healthy := allocations(numbered(owner))
	bad := func(format string) generator { return allocations(numbered(format)) }
	return []Kind{
		{Name: "aliases of one offset replaced", before: allocations(joined(everySecondAlias(0, "x"))), object: allocations(joined(everySecondAlias(1, "y")))},
		{Name: "aliases of every offset replaced", before: allocations(joined(aliases(4, 0, `{"podref":"x%d"}`))), object: allocations(joined(aliases(4, 4, `{"podref":"y%d"}`)))},
		{Name: "aliases of every offset removed", before: allocations(joined(aliases(4, 0, `{"podref":"x%d"}`))), object: bad(`"%[1]d":{"podref":"y%[1]d"}`)},
		{Name: "keys padded", before: healthy, object: bad(`"0` + owner[1:])},
		{Name: "keys no longer padded", before: bad(`"0` + owner[1:]), object: healthy},
		{Name: "owners moved by one offset", before: healthy, object: allocations(joined(ownersOf(func(i int) int { return i + 1 })))},
		{Name: "owners moved in pairs", before: healthy, object: allocations(joined(ownersOf(func(i int) int { return i ^ 1 })))},
		{Name: "owners moved far", before: healthy, object: allocations(joined(ownersOf(func(i int) int { return i * 7919 % 50_021 })))},
		{Name: "podrefs replaced", before: healthy, object: bad(`"%[1]d":{"id":"i%[1]d","podref":"a/c%[1]d","ifname":"n"}`)},
		{Name: "podrefs replaced by one", before: healthy, object: bad(`"%[1]d":{"id":"i%[1]d","podref":"a/c","ifname":"n"}`)},
		{Name: "invalid podrefs replaced", before: bad(`"%[1]d":{"podref":"x%[1]d"}`), object: bad(`"%[1]d":{"podref":"y%[1]d"}`)},
		{Name: "ids and ifnames replaced", before: healthy, object: bad(`"%[1]d":{"id":"j%[1]d","podref":"a/b%[1]d","ifname":"m"}`)},
		{Name: "owners removed", before: healthy, object: bad(`"%d":{}`)},
		{Name: "order reversed", before: allocations(joined(fromMillion(owner))), object: allocations(toMillion(owner))},
		{Name: "short keys replaced", before: allocations(named(`"%s":{}`, shortest)), object: allocations(named(`"%s":{}`, shortestScattered))},
		{Name: "white space removed", before: bad(`"%[1]d":{"id":"i%[1]d","podref":"a/b%[1]d","ifname":"n" }`), object: healthy},
		{Name: "long allocations that differ at the end", before: allocations(numbered(longOwner("x"))), object: allocations(numbered(longOwner("y")))},
		{Name: "all allocations removed", before: healthy, object: only(poolHead + `"spec":{"range":"10.0.0.0/8","allocations":{}}}`)},
		{Name: "all allocations added", object: healthy, before: only(poolHead + `"spec":{"range":"10.0.0.0/8","allocations":{}}}`)},
		{Name: "spec removed", before: healthy, object: only(poolHead + `"spec":null}`)},
		{Name: "unknown fields replaced", strict: true, before: bad(`"%[1]d":{"x%[1]d":0}`), object: bad(`"%[1]d":{"y%[1]d":0}`)},
		{Name: "duplicate fields replaced", strict: true, before: bad(`"%d":{"x":0,"x":0}`), object: bad(`"%d":{"y":0,"y":0}`)},
		{Name: "wrong types before", before: bad(`"%d":0`), object: healthy},
		{Name: "range and keys corrected", before: allocationsIn("10.0.0.0/08", numbered(`"0`+owner[1:])), object: healthy},
		{Name: "range replaced", before: allocationsIn("fd00::/8", numbered(owner)), object: healthy},
		{Name: "old object first", oldFirst: true, object: healthy},
		{Name: "old object first, padded", oldFirst: true, before: bad(`"0` + owner[1:]), object: allocations(joined(aliases(4, 2, `{"podref":"y%d"}`)))},
	}
}

// everySecondAlias returns an item whose keys are every second alias of one offset, with invalid podrefs that begin alike.
func everySecondAlias(zeros int, podref string) item {
	return func(dst []byte, _, i int) []byte {
		return fmt.Appendf(dst, `"%s1":{"podref":"%s%d"}`, strings.Repeat("0", zeros+2*i), podref, i)
	}
}

// ownersOf returns an item that assigns to each offset the owner of another offset.
func ownersOf(other func(offset int) int) item {
	return func(dst []byte, from, i int) []byte {
		offset := from + i + 1
		return fmt.Appendf(dst, `"%d":{"id":"i%[2]d","podref":"a/b%[2]d","ifname":"n"}`, offset, other(offset))
	}
}

const million = 1_000_000

// fromMillion returns an item whose numbers start with a million, so all have the same length.
func fromMillion(format string) item {
	return func(dst []byte, _, i int) []byte { return fmt.Appendf(dst, format, million+i) }
}

// toMillion generates the items of fromMillion in reverse order.
func toMillion(format string) generator {
	return func(size, from int) string {
		last := million + size/(len(fmt.Sprintf(format, million))+1) - 1
		return joined(func(dst []byte, _, i int) []byte { return fmt.Appendf(dst, format, last-i) })(size, from)
	}
}

// longOwner returns a format for an allocation of more than 1 KiB.
func longOwner(end string) string {
	return `"%[1]d":{"podref":"a/b%[1]d","id":"` + strings.Repeat("i", 1000) + end + `"}`
}
