package codec

// numberLength returns the length of the number at the beginning of text (RFC 8259 section 6), or 0.
func numberLength(text []byte) int {
	rest := text
	if len(rest) > 0 && rest[0] == '-' {
		rest = rest[1:]
	}
	whole := decimals(rest)
	if whole == 0 || whole > 1 && rest[0] == '0' {
		return 0
	}
	rest = rest[whole:]
	if len(rest) > 0 && rest[0] == '.' {
		fraction := decimals(rest[1:])
		if fraction == 0 {
			return 0
		}
		rest = rest[1+fraction:]
	}
	if len(rest) > 1 && (rest[0] == 'e' || rest[0] == 'E') {
		rest = rest[1:]
		if rest[0] == '+' || rest[0] == '-' {
			rest = rest[1:]
		}
		exponent := decimals(rest)
		if exponent == 0 {
			return 0
		}
		rest = rest[exponent:]
	}
	if len(rest) == 0 {
		return 0 // the decoder checks a number at the end of the text
	}
	switch rest[0] {
	case ',', '}', ']', ' ', '\n', '\r', '\t':
		return len(text) - len(rest)
	default:
		return 0
	}
}

// decimals returns the length of the decimal number at the beginning of text.
func decimals(text []byte) int {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return n
}
