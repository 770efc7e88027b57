package bodies

const (
	// shortestBase is the number of ASCII characters that JSON has no escape for.
	shortestBase = '~' - ' ' + 1 - 2
	shortCount   = shortestBase * shortestBase * shortestBase
	longCount    = shortCount * shortestBase
)

// shortest returns names of three characters, in ascending order, and after these names of four. A body of 7 MiB has few more.
func shortest(number int) string {
	return shortestIn(number, func(n, _ int) int { return n })
}

// shortestReversed is shortest in descending order.
func shortestReversed(number int) string {
	return shortestIn(number, func(n, count int) int { return count - 1 - n })
}

// shortestScattered is shortest in no order.
func shortestScattered(number int) string {
	const step = 500_009 // has no factor in common with either count, so that no name comes twice
	return shortestIn(number, func(n, count int) int { return n * step % count })
}

// shortestIn returns the name at a place in another order of the names of the same length.
func shortestIn(number int, place func(n, count int) int) string {
	if number < shortCount {
		return printable(place(number, shortCount), 3)
	}
	return printable(place((number-shortCount)%longCount, longCount), 4)
}

// printable writes a number in the base of printable characters.
func printable(number, length int) string {
	text := make([]byte, length)
	for i := length - 1; i >= 0; i-- {
		text[i] = printableDigit(number % shortestBase)
		number /= shortestBase
	}
	return string(text)
}

// printableDigit returns the n-th printable character of ASCII, without the quotation mark and the backslash.
func printableDigit(n int) byte {
	c := ' ' + byte(n)
	if c >= '"' {
		c++
	}
	if c >= '\\' {
		c++
	}
	return c
}
