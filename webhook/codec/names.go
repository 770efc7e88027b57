package codec

// maxNames is the number of names of fields outside the schema that are remembered. In an object with more of them, duplicates
// among the further names are not found.
const maxNames = 32 << 10

// names remembers the names of fields that are not in the schema, for each object, to find names that occur twice. Each
// object that is read field by field has a number: a later value of the same field is another object. The root has number 0.
type names struct {
	seen    reused[name, bool] // true for a name that occurred again
	objects int32
}

type name struct {
	object int32
	text   string
}

func (n *names) reset() {
	n.seen.reset()
	n.objects = 0
}

// newObject returns the number of another object.
func (n *names) newObject() int32 {
	n.objects++
	return n.objects
}

// add remembers a name. It reports whether the object had the name before, and whether this is the first repetition.
func (n *names) add(object int32, text string) (again, first bool) {
	key := name{object, text}
	repeated, again := n.seen.items[key]
	switch {
	case again && !repeated:
		n.seen.set(key, true)
	case !again && len(n.seen.items) < maxNames:
		n.seen.set(key, false)
	}
	return again, again && !repeated
}
