package bodies

import "strings"

// textKinds have strings that decoders must change, and white space.
func textKinds() []Kind {
	plain := strings.Repeat("a", 1000)
	return []Kind{
		{Name: "podref of escaped less-than signs", object: allocations(framed(`"1":{"id":"i","podref":"`, filled(`\u003c`), `"}`))},
		{Name: "podrefs of escaped less-than signs", object: allocations(numbered(`"%d":{"id":"i","podref":"` + strings.Repeat(`\u003c`, 10) + `"}`))},
		{Name: "id of lone surrogates", object: allocations(framed(`"1":{"podref":"a/b","id":"`, filled(`\ud800`), `"}`))},
		{Name: "ids of lone surrogates", object: allocations(numbered(`"%[1]d":{"podref":"a/b%[1]d","id":"\ud800\ud800%[1]d"}`))},
		{Name: "id of invalid UTF-8", object: allocations(framed(`"1":{"podref":"a/b","id":"`, filled("\xff"), `"}`))},
		{Name: "ids of invalid UTF-8", object: allocations(numbered("\"%[1]d\":{\"podref\":\"a/b%[1]d\",\"id\":\"" + strings.Repeat("\xff", 64) + "%[1]d\"}"))},
		{Name: "ifnames of invalid UTF-8", object: allocations(numbered("\"%[1]d\":{\"id\":\"i%[1]d\",\"podref\":\"a/b%[1]d\",\"ifname\":\"\xff\xff\xff\"}"))},
		{Name: "ids of two-byte characters", object: allocations(numbered(`"%[1]d":{"podref":"a/b%[1]d","id":"` + strings.Repeat("é", 32) + `%[1]d"}`))},
		{Name: "ids with one escape at the end", object: allocations(numbered(`"%[1]d":{"podref":"a/b%[1]d","id":"` + plain + `%[1]d\n"}`))},
		{Name: "id with one escape at its beginning", object: allocations(framed(`"1":{"podref":"a/b","id":"\n`, filled("i"), `"}`))},
		{Name: "fields named with escapes", object: allocations(numbered(`"%[1]d":{"\u0069d":"i%[1]d","\u0070odref":"a/b%[1]d","\u0069fname":"net1"}`))},
		{Name: "every character an escape", object: allocations(named(`"%[1]s":{"id":"%[1]s","podref":"\u0061\u002f\u0062%[1]s"}`, escapedNumber))},
		{Name: "tiny strings with escapes", object: allocations(numbered(`"%d":{"id":"\n"}`))},
		{Name: "white space around every token", object: allocations(numbered(" \"%[1]d\" : { \"id\" : \"i%[1]d\" ,\n\t\"podref\" : \"a/b%[1]d\" } "))},
		{Name: "white space before every value", object: allocations(numbered(`"%[1]d":` + strings.Repeat(" ", 100) + `{"id":"i%[1]d","podref":"a/b%[1]d"}`))},
		{Name: "white space in one place", object: allocations(framed(`"1":`, filled("\n"), `{"id":"i","podref":"a/b"}`))},
		{Name: "white space in empty objects", object: allocations(numbered(`"%d":{ }`))},
	}
}
