package ippool

// visit numbers one value of a field that may come several times, of which only the last value counts. What was found in
// an earlier value is told by its visit.
type visit int32

// maxNames is how many names of fields outside the schema are remembered. In an object with more of them, duplicates among
// the further ones are not found.
const maxNames = 32 << 10

// names remembers the names of fields that are not in the schema, in each object by itself, to find the ones that come
// again. Its memory is reused from one pool to the next.
type names struct {
	list  []name
	index index
	// objects counts the objects outside the schema.
	objects int32
}

// name is a field's name in one object. An object of the schema is told by its parent number and visit, another one by a
// number of its own.
type name struct {
	object int32
	visit  visit
	text   string
	again  bool
}

func (n *names) reset() {
	clear(n.list)
	n.list, n.objects = n.list[:0], 0
	n.index.reset(0)
}

// newObject returns the number of another object outside the schema.
func (n *names) newObject() int32 {
	n.objects++
	return InSpec - n.objects
}

// add remembers a name. It reports whether the object had the name before, and whether this is the first time that it comes
// again.
func (n *names) add(object int32, v visit, text string) (again, first bool) {
	at := len(n.list)
	if at == maxNames {
		return false, false
	}
	hash := combine(hashString(text), hashNumber(uint64(uint32(object))<<32|uint64(uint32(v))))
	found := n.index.findOrAdd(hash, at, func(i int) bool {
		return n.list[i].object == object && n.list[i].visit == v && n.list[i].text == text
	})
	if found == at {
		n.list = append(n.list, name{object: object, visit: v, text: text})
		return false, false
	}
	first = !n.list[found].again
	n.list[found].again = true
	return true, first
}
