package ippool

// MaxIfName is the number of bytes of the name of a network interface: IFNAMSIZ of linux/if.h less the closing zero byte.
const MaxIfName = 15

// ValidIfName reports whether Linux takes s as the name of a network interface (dev_valid_name in net/core/dev.c):
// 1 to 15 bytes, no slash, no colon, no white space, not "." and not "..".
func ValidIfName(s string) bool {
	if s == "" || len(s) > MaxIfName || s == "." || s == ".." {
		return false
	}
	for i := range len(s) {
		switch s[i] {
		case '/', ':', ' ', '\t', '\n', '\v', '\f', '\r', 0xa0:
			return false
		}
	}
	return true
}
