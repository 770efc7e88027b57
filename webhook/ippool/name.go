package ippool

import "strings"

// NameSuffix returns what the name of every pool of range r ends in: the whole name, or the part after the name of a
// network or a node (IPPoolName in pkg/storage/kubernetes/ipam.go of Whereabouts, which masks the range before).
func (r Range) NameSuffix() string { return string(r.appendNameSuffix(nil)) }

// Names reports whether Whereabouts could look for a pool of range r under this name.
func (r Range) Names(name string) bool {
	var buf [len("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128")]byte
	suffix := r.appendNameSuffix(buf[:0])
	start := len(name) - len(suffix)
	return start >= 0 && name[start:] == string(suffix) && (start == 0 || strings.HasSuffix(name[:start], "-"))
}

// appendNameSuffix writes the range as Whereabouts does in a name: with a hyphen for each colon and for the slash
// (normalizeRange in pkg/storage/kubernetes/ipam.go).
func (r Range) appendNameSuffix(dst []byte) []byte {
	start := len(dst)
	dst = r.prefix.AppendTo(dst)
	for i := start; i < len(dst); i++ {
		if dst[i] == ':' || dst[i] == '/' {
			dst[i] = '-'
		}
	}
	return dst
}
