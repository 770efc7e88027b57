package bodies

// typeKinds have values of wrong types.
func typeKinds() []Kind {
	return []Kind{
		{Name: "numbers as allocations", object: allocations(named(`"%s":0`, shortest))},
		{Name: "lists as allocations", object: allocations(numbered(`"%d":[]`))},
		{Name: "strings as allocations", object: allocations(numbered(`"%d":""`))},
		{Name: "lists of objects as allocations", object: allocations(numbered(`"%d":[{"a":0,"a":0}]`))},
		{Name: "wrong types in every allocation", object: allocations(numbered(`"%d":{"id":0,"podref":[],"ifname":{}}`))},
		{Name: "podrefs that are objects with a duplicate", strict: true, object: allocations(numbered(`"%d":{"podref":{"a":0,"a":0}}`))},
		{Name: "wrong type that is repaired in every allocation", object: allocations(numbered(`"%[1]d":{"id":0,"id":"i","podref":[],"podref":"a/b%[1]d"}`))},
		{Name: "number of a million bytes as id", object: allocations(framed(`"1":{"podref":"a/b","id":`, filled("7"), `}`))},
		{Name: "numbers of 1000 bytes as ids", object: allocations(numbered(`"%d":{"podref":"a/b","id":` + filled("7")(1000, 0) + `}`))},
		{Name: "list as spec.allocations", object: spec(framed(`"allocations":[`, again(`0`), `]`))},
		{Name: "list of objects as spec", object: root(framed(`"spec":[`, again(`{"a":0,"a":0}`), `]`))},
		{Name: "object as range", object: allocationsTyped(framed(`{`, named(`"%s":0`, shortest), `}`))},
		{Name: "list as the object", object: framed(`[`, again(`{}`), `]`)},
		{Name: "string as the object", object: framed(`"`, filled("s"), `"`)},
		{Name: "list as metadata", object: root(framed(`"metadata":[`, again(`{"a":0}`), `]`))},
	}
}

// allocationsTyped generates a pool whose range is any JSON value.
func allocationsTyped(value generator) generator {
	return framed(poolHead+`"spec":{"allocations":{},"range":`, value, `}}`)
}
