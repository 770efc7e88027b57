package bodies

import "strings"

// repeatKinds have the same field many times. Decoders use the last value and drop the previous ones.
func repeatKinds() []Kind {
	const owner = `"%[1]d":{"id":"i%[1]d","podref":"a/b%[1]d"}`
	members := numbered(owner)
	shortMembers := named(`"%s":{}`, shortest)
	return []Kind{
		{Name: "one key again and again", object: allocations(again(`"1":{}`))},
		{Name: "one key with owner again and again", object: allocations(numbered(`"1":{"id":"%[1]d","podref":"a/b%[1]d"}`))},
		{Name: "one key with an unknown field again and again", strict: true, object: allocations(numbered(`"1":{"x%d":0}`))},
		{Name: "one key with the same unknown field again and again", strict: true, object: allocations(again(`"1":{"x":0}`))},
		{Name: "one unknown field in spec again and again", strict: true, object: root(again(`"spec":{"x":0}`))},
		{Name: "one key with a wrong type again and again", object: allocations(framed("", again(`"1":0`), `,"1":{}`))},
		{Name: "two keys in turn", object: allocations(again(`"2":{},"1":{}`))},
		{Name: "each key twice", object: allocations(halves(members, members))},
		{Name: "each short key twice", strict: true, object: allocations(halves(shortMembers, shortMembers))},
		{Name: "two allocations after many", object: spec(halves(framed(`"allocations":{`, members, `}`), again(`"allocations":{"1":{},"1":{}}`)))},
		{Name: "two allocations after many empty ones", object: spec(halves(framed(`"allocations":{`, shortMembers, `}`), again(`"allocations":{"2":{},"1":{}}`)))},
		{Name: "two allocations out of order after many", object: spec(halves(framed(`"allocations":{`, named(`"%s":{}`, shortestReversed), `}`), again(`"allocations":{"2":{},"1":{}}`)))},
		{Name: "nine allocations out of order after many", object: spec(halves(framed(`"allocations":{`, named(`"%s":{}`, shortestReversed), `}`), again(`"allocations":{"9":{},"8":{},"7":{},"6":{},"5":{},"4":{},"3":{},"2":{},"1":{}}`)))},
		{Name: "no allocations after many", object: spec(halves(framed(`"allocations":{`, members, `}`), again(`"allocations":{}`)))},
		{Name: "null allocations after many", object: spec(halves(framed(`"allocations":{`, members, `}`), again(`"allocations":null`)))},
		{Name: "allocations of 64 KiB again and again", object: spec(blocks(framed(`"allocations":{`, members, `}`), 64<<10))},
		{Name: "allocations out of order of 4 KiB again and again", object: spec(blocks(framed(`"allocations":{`, named(`"%s":{}`, shortestReversed), `}`), 4<<10))},
		{Name: "specs after a large one", object: root(halves(framed(`"spec":{"allocations":{`, members, `}}`), again(`"spec":{"allocations":{"2":{},"1":{}}}`)))},
		{Name: "empty specs after a large one", object: root(halves(framed(`"spec":{"allocations":{`, members, `}}`), again(`"spec":{}`)))},
		{Name: "range again and again", object: spec(again(`"range":"10.0.0.0/8"`))},
		{Name: "enable_l3 again and again", object: spec(again(`"enable_l3":true`))},
		{Name: "metadata again and again", object: root(again(`"metadata":{"name":"n"}`))},
		{Name: "metadata.annotations again and again", object: metadata(again(`"annotations":{}`))},
		{Name: "id again and again", strict: true, object: allocations(framed(`"1":{`, again(`"id":""`), `}`))},
		{Name: "id of a wrong type again and again", object: allocations(framed(`"1":{`, again(`"id":0`), `}`))},
		{Name: "id again in every allocation", strict: true, object: allocations(numbered(`"%d":{"id":"","id":""}`))},
		{Name: "names of 1 KiB, 100 of them, again and again", strict: true, object: spec(joined(hundredNames))},
		{Name: "a thousand unknown fields below a long key", strict: true, object: allocations(framed(`"`, filled("1"), `":{`+numbered(`"u%d":0`)(10<<10, 0)+`}`))},
		{Name: "short names below keys of 1 KiB again and again", strict: true, object: allocations(joined(duplicatesBelowLongKeys))},
	}
}

// blocks generates copies of a text of a size.
func blocks(block generator, blockSize int) generator {
	return func(size, from int) string { return again(block(min(blockSize, size), from))(size, from) }
}

// hundredNames is an item with 100 long names that begin alike. A decoder of Kubernetes reports at most 100 duplicates.
func hundredNames(dst []byte, _, i int) []byte {
	name := strings.Repeat("n", 1020) + string([]byte{'0' + byte(i/10%10), '0' + byte(i%10)})
	return append(dst, `"`+name+`":0`...)
}

// duplicatesBelowLongKeys is an item with a key of 1 KiB and some 1000 fields, each of them twice.
func duplicatesBelowLongKeys(dst []byte, from, i int) []byte {
	key := strings.Repeat("9", 1020) + printable(from+i, 4)
	fields := make([]string, 500)
	for n := range fields {
		name := printable(n, 2)
		fields[n] = `"` + name + `":0,"` + name + `":0`
	}
	return append(dst, `"`+key+`":{`+strings.Join(fields, ",")+`}`...)
}
