package bodies

import (
	"fmt"
	"strings"
)

// generator returns about size bytes of JSON text, and never more. Generators of numbered items start with from+1.
type generator func(size, from int) string

// item appends the i-th member of an object, or the i-th element of a list.
type item func(dst []byte, from, i int) []byte

// joined generates items with commas between them. It generates the first one even if that is larger than size.
func joined(next item) generator {
	return func(size, from int) string {
		text := next(make([]byte, 0, max(size, 0)), from, 0)
		for i := 1; ; i++ {
			end := len(text)
			text = next(append(text, ','), from, i)
			if len(text) > size {
				return string(text[:end])
			}
		}
	}
}

// numbered generates items that differ in their number. The format must use the number.
func numbered(format string) generator {
	return joined(func(dst []byte, from, i int) []byte { return fmt.Appendf(dst, format, from+i+1) })
}

// named generates items that differ in a text. The function text makes it from their number.
func named(format string, text func(number int) string) generator {
	return joined(func(dst []byte, from, i int) []byte { return fmt.Appendf(dst, format, text(from+i+1)) })
}

// again generates copies of one item.
func again(text string) generator {
	return joined(func(dst []byte, _, _ int) []byte { return append(dst, text...) })
}

// only generates one text, for any size.
func only(text string) generator {
	return func(int, int) string { return text }
}

// filled generates copies of a text, without commas.
func filled(text string) generator {
	return func(size, _ int) string { return strings.Repeat(text, max(size, 0)/len(text)) }
}

// framed puts a text before and after the text of a generator.
func framed(head string, inner generator, tail string) generator {
	return func(size, from int) string { return head + inner(size-len(head)-len(tail), from) + tail }
}

// halves generates two texts, each of half the size, with a comma between them.
func halves(first, second generator) generator {
	return func(size, from int) string {
		text := first(size/2, from) + ","
		return text + second(size-len(text), from)
	}
}

const (
	poolMeta   = `"apiVersion":"whereabouts.cni.cncf.io/v1alpha1","kind":"IPPool","metadata":{"name":"10.0.0.0-8","namespace":"kube-system"}`
	poolHead   = `{` + poolMeta + `,`
	allowedIPs = "10.0.0.0/8"
)

// allocations generates a pool from the members of spec.allocations. Every number up to 16 million is an offset in its range.
func allocations(members generator) generator { return allocationsIn(allowedIPs, members) }

// allocationsIn is allocations in another range.
func allocationsIn(cidr string, members generator) generator {
	return framed(poolHead+`"spec":{"range":"`+cidr+`","allocations":{`, members, `}}}`)
}

// spec generates a pool from the members of spec besides range.
func spec(members generator) generator {
	return framed(poolHead+`"spec":{"range":"`+allowedIPs+`",`, members, `}}`)
}

// root generates a pool from members beside a small spec.
func root(members generator) generator {
	return framed(poolHead+`"spec":{"range":"`+allowedIPs+`","allocations":{"1":{"id":"i","podref":"a/b"}}},`, members, `}`)
}

// metadata generates a pool from members of metadata besides name.
func metadata(members generator) generator {
	return framed(`{"apiVersion":"whereabouts.cni.cncf.io/v1alpha1","kind":"IPPool","metadata":{"name":"10.0.0.0-8",`, members,
		`},"spec":{"range":"`+allowedIPs+`","allocations":{"1":{"id":"i","podref":"a/b"}}}}`)
}

// healthyAllocation is a format for an allocation that breaks no rule.
const healthyAllocation = `"%[1]d":{"id":"%064[1]x","podref":"tenant/worker-%[1]d","ifname":"net1"}`

// healthyPool generates a pool that breaks no rule.
func healthyPool(size, from int) string { return allocations(numbered(healthyAllocation))(size, from) }
