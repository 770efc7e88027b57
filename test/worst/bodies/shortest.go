package bodies

const (
	// shortestBase is the number of printable ASCII characters that need no escape in JSON.
	shortestBase = '~' - ' ' + 1 - 2
	shortCount   = shortestBase * shortestBase * shortestBase
	longCount    = shortCount * shortestBase
)

// shortest returns names in ascending order: first all names of three characters, then those of four. A body of 7 MiB has few
// of four.
func shortest(number int) string {
	return shortestIn(number, func(n, _ int) int { return n })
}

// shortestReversed is shortest in descending order.
func shortestReversed(number int) string {
	return shortestIn(number, func(n, count int) int { return count - 1 - n })
}

// shortestScattered is shortest in no order.
func shortestScattered(number int) string {
	const step = 500_009 // has no factor in common with either count, so all names are unique
	return shortestIn(number, func(n, count int) int { return n * step % count })
}

// shortestIn returns a name in another order: place gives its position among the names of the same length.
func shortestIn(number int, place func(n, count int) int) string {
	if number < shortCount {
		return printable(place(number, shortCount), 3)
	}
	return printable(place((number-shortCount)%longCount, longCount), 4)
}

// printable writes a number with printable characters instead of 0 to 9.
func printable(number, length int) string {
	text := make([]byte, length)
	for i := length - 1; i >= 0; i-- {
		text[i] = printableCharacter(number % shortestBase)
		number /= shortestBase
	}
	return string(text)
}

// printableCharacter returns the n-th printable character of ASCII, without the quotation mark and the backslash.
func printableCharacter(n int) byte {
	c := ' ' + byte(n)
	if c >= '"' {
		c++
	}
	if c >= '\\' {
		c++
	}
	return c
}
