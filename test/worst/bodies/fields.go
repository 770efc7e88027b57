package bodies

import "strings"

// fieldKinds have unknown fields. All are validated strictly.
func fieldKinds() []Kind {
	long := strings.Repeat("n", 1000)
	kinds := []Kind{
		{Name: "unknown fields in the object", object: root(named(`"%s":0`, shortest))},
		{Name: "unknown fields in spec", object: spec(named(`"%s":0`, shortest))},
		{Name: "unknown fields in spec in reverse order", object: spec(named(`"%s":0`, shortestReversed))},
		{Name: "unknown fields in one allocation", object: allocations(framed(`"1":{`, named(`"%s":0`, shortest), `}`))},
		{Name: "unknown field in every allocation", object: allocations(numbered(`"%[1]d":{"x%[1]d":0}`))},
		{Name: "unknown fields in every allocation", object: allocations(numbered(`"%[1]d":{"id":"i","podref":"a/b%[1]d","a":0,"b":0,"c":0,"a":0}`))},
		{Name: "unknown fields with names of 1 KiB", object: spec(numbered(`"` + long + `%d":0`))},
		{Name: "unknown fields with names of 1 KiB in allocations", object: allocations(numbered(`"%[1]d":{"` + long + `%[1]d":0}`))},
		{Name: "unknown fields below a key of 1 KiB", object: allocations(framed(`"`+long+`":{`, named(`"%s":0`, shortest), `}`))},
		{Name: "unknown fields below aliases", object: allocations(joined(aliases(2, 0, `{"x%d":0}`)))},
		{Name: "unknown fields with names in escapes", object: spec(named(`"%s":0`, escapedNumber))},
		{Name: "unknown field with one long name", object: spec(framed(`"`, filled("n"), `":0`))},
		{Name: "unknown object", object: spec(framed(`"x":{`, named(`"%s":0`, shortest), `}`))},
		{Name: "unknown object in no order", object: spec(framed(`"x":{`, named(`"%s":0`, shortestScattered), `}`))},
		{Name: "unknown object with each name twice", object: spec(framed(`"x":{`, halves(named(`"%s":0`, shortest), named(`"%s":0`, shortest)), `}`))},
		{Name: "unknown object with two names in turn", object: spec(framed(`"x":{`, again(`"a":0,"b":0`), `}`))},
		{Name: "unknown list of empty objects", object: spec(framed(`"x":[`, again(`{}`), `]`))},
		{Name: "unknown list of objects with a name", object: spec(framed(`"x":[`, again(`{"a":0}`), `]`))},
		{Name: "unknown list of objects with two names", object: spec(framed(`"x":[`, again(`{"a":0,"b":0}`), `]`))},
		{Name: "unknown list of objects with one name twice", object: spec(framed(`"x":[`, again(`{"a":0,"a":0}`), `]`))},
		{Name: "unknown list of objects with ten names", object: spec(framed(`"x":[`, again(`{"a":0,"b":0,"c":0,"d":0,"e":0,"f":0,"g":0,"h":0,"i":0,"j":0}`), `]`))},
		{Name: "unknown list of numbers", object: spec(framed(`"x":[`, again(`0`), `]`))},
		{Name: "unknown lists of lists", object: spec(framed(`"x":[`, again(`[[],[]]`), `]`))},
		{Name: "unknown list in every allocation", object: allocations(numbered(`"%d":{"x":[{"a":0,"a":1}]}`))},
	}
	for i := range kinds {
		kinds[i].strict = true
	}
	return kinds
}
