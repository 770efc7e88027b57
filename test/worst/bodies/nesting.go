package bodies

import "strings"

// maxDepth is a little less than 10,000, the maximum nesting that decoders of Kubernetes read.
const maxDepth = 9900

// nestingKinds have deeply nested values.
func nestingKinds() []Kind {
	kinds := []Kind{
		{Name: "deep lists", object: spec(deep(`[`, `]`))},
		{Name: "deep objects", object: spec(deep(`{"a":`, `}`))},
		{Name: "deep objects in lists", object: spec(deep(`[{"a":`, `}]`))},
		{Name: "deep objects with a duplicate at each depth", object: spec(deep(`{"a":0,"a":`, `}`))},
		{Name: "deep objects with names after the value", object: spec(deep(`{"a":`, `,"b":0,"a":0}`))},
		{Name: "deep lists with elements before the value", object: spec(deep(`[0,0,0,0,0,0,0,0,0,0,`, `]`))},
		{Name: "deep objects with long names", object: spec(deepLongNames)},
		{Name: "deep objects with long names that end in duplicates", object: spec(halves(deepLongNames, again(`"z":{"a":{"b":0,"b":0}}`)))},
		{Name: "deep lists as podref", object: allocations(framed(`"1":{`, deep(`[`, `]`), `,"podref":[[]]}`))},
		{Name: "deep lists in metadata", object: metadata(deep(`[`, `]`))},
	}
	for i := range kinds {
		kinds[i].strict = true
	}
	return kinds
}

// deep generates fields whose values are nested as deep as decoders allow.
func deep(open, end string) generator {
	return func(size, from int) string {
		const atLeast = 16 // fields, to fill almost the whole size
		each := len(open) + len(end)
		depth := min(maxDepth/max(strings.Count(open, "[")+strings.Count(open, "{"), 1), max(size/atLeast/each, 1))
		return numbered(`"x%d":`+strings.Repeat(open, depth)+"0"+strings.Repeat(end, depth))(size, from)
	}
}

// deepLongNames generates one field that is nested as deep as decoders allow, with names that make it as large as size.
func deepLongNames(size, _ int) string {
	const levels = maxDepth / 2
	nameSize := max(size/levels-len(`{"":}`), 1)
	depth := min(levels, size/(nameSize+len(`{"":}`)))
	return `"x":` + strings.Repeat(`{"`+strings.Repeat("n", nameSize)+`":`, depth-1) + "0" + strings.Repeat("}", depth-1)
}
