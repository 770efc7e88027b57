package bodies

// rangeKinds have long ranges.
func rangeKinds() []Kind {
	text := func(inner generator) generator { return allocationsTyped(framed(`"`, inner, `"`)) }
	return []Kind{
		{Name: "decimal range", object: text(filled("1"))},
		{Name: "range of colons", object: text(framed("", filled(":"), "/64"))},
		{Name: "range of dots", object: text(filled("1."))},
		{Name: "range of slashes", object: text(filled("/"))},
		{Name: "range with a prefix length of zeros", object: text(framed("10.0.0.0/", filled("0"), "8"))},
		{Name: "range with a long zone", object: text(framed("fe80::1%", filled("z"), "/64"))},
		{Name: "range after spaces", object: text(framed("", filled(" "), "10.0.0.0/8"))},
		{Name: "range between Unicode spaces", object: text(framed("", filled("\u3000"), "10.0.0.0/8\u3000"))},
		{Name: "range of invalid UTF-8", object: text(filled("\xff"))},
		{Name: "range of escapes", object: text(filled(`\u0000`))},
	}
}
