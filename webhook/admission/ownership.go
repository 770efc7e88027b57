package admission

import (
	"context"
	"strconv"

	"ippool-webhook/webhook/codec"
)

// The API server records the managers of each field (metadata.managedFields) before mutating admission, from the object that the
// client has written. If the webhook changes a field, managedFields must change too. Otherwise another manager that applies the
// same manifest gets a conflict about a field that no one has changed, and an allocation that was removed from a manifest is not
// removed from the pool. A range that is stored in another form has no manager: its manager keeps spec. An allocation that is
// stored under another key keeps its managers.

// fieldPrefix begins the name of a field in fieldsV1 (k8s.io/apimachinery/pkg/apis/meta/v1, FieldsV1).
const fieldPrefix = "f:"

// ownership finds the changes of metadata.managedFields.
type ownership struct {
	// disowned says that spec.range loses its managers.
	disowned bool
	// keys leads from the name of a key in fieldsV1 to the name of the key under which the allocation is stored; targets holds
	// the latter names.
	keys    map[string]string
	targets map[string]bool

	reader     codec.Reader
	operations []operation
	size       int
}

// manager holds the normalized fields in one item of managedFields.
type manager struct {
	hasRange bool
	keys     []string            // those that lead to others
	targets  map[string]struct{} // those that others lead to
}

func (m *manager) addTarget(name string) {
	if m.targets == nil {
		m.targets = map[string]struct{}{}
	}
	m.targets[name] = struct{}{}
}

// own adds the operations that change managedFields with the normalized fields. If there would be too many, it adds none: the
// stored pool is the same.
func (n *normalization) own(ctx context.Context) error {
	fields := n.pool.ManagedFields
	if !n.disowned && len(n.keys) == 0 || len(fields) == 0 || fields[0] != '[' {
		return nil
	}
	o := ownership{disowned: n.disowned, keys: n.keys, targets: map[string]bool{}}
	for _, target := range n.keys {
		o.targets[target] = true
	}
	o.reader.Reset(ctx, fields, &codec.Text{})
	if err := o.readManagers(); err != nil {
		return err
	}
	if !o.overfull() {
		n.operations = append(n.operations, o.operations...)
	}
	return nil
}

func (o *ownership) readManagers() error {
	if err := o.reader.Enter(); err != nil {
		return err
	}
	for i := 0; ; i++ {
		more, err := o.reader.More(']')
		if err != nil || !more || o.overfull() {
			return err
		}
		var m manager
		err = o.fields(func(name string) error {
			if name != "fieldsV1" {
				return o.reader.SkipValue()
			}
			return o.readRoot(&m)
		})
		if err != nil {
			return err
		}
		o.follow(i, &m)
	}
}

func (o *ownership) readRoot(m *manager) error {
	return o.fields(func(name string) error {
		if name != fieldPrefix+"spec" {
			return o.reader.SkipValue()
		}
		return o.fields(func(name string) error {
			switch name {
			case fieldPrefix + "allocations":
				return o.readKeys(m)
			case fieldPrefix + "range":
				m.hasRange = true
			}
			return o.reader.SkipValue()
		})
	})
}

func (o *ownership) readKeys(m *manager) error {
	return o.fields(func(name string) error {
		if _, ok := o.keys[name]; ok && len(m.keys) <= maxOperations {
			m.keys = append(m.keys, name)
		}
		if o.targets[name] {
			m.addTarget(name)
		}
		return o.reader.SkipValue()
	})
}

// fields reads the fields of the next value. A value that is not an object has no fields.
func (o *ownership) fields(read func(name string) error) error {
	if o.reader.Peek() != '{' {
		return o.reader.SkipValue()
	}
	if err := o.reader.Enter(); err != nil {
		return err
	}
	for {
		name, more, err := o.reader.Name()
		if err != nil || !more {
			return err
		}
		if err := read(name); err != nil {
			return err
		}
	}
}

// follow adds the operations on item i.
func (o *ownership) follow(i int, m *manager) {
	const allocations = "/fieldsV1/f:spec/f:allocations/"
	for _, key := range m.keys {
		target := o.keys[key]
		if _, has := m.targets[target]; has {
			o.add("remove", "", i, allocations+key)
			continue
		}
		m.addTarget(target)
		o.add("move", allocations+key, i, allocations+target)
	}
	// An item is never removed. In an object without items, the API server assigns every field to the manager
	// "before-first-apply", and the first client that applies has a conflict with it. An f:spec without fields denotes spec itself.
	if o.disowned && m.hasRange {
		o.add("remove", "", i, "/fieldsV1/f:spec/f:range")
	}
}

// overfull reports whether there are more operations than a patch has room for.
func (o *ownership) overfull() bool { return len(o.operations) > maxOperations || o.size > maxPatch }

// add adds an operation on item i; from may be empty.
func (o *ownership) add(op, from string, i int, path string) {
	if o.overfull() {
		return
	}
	item := "/metadata/managedFields/" + strconv.Itoa(i)
	if from != "" {
		from = item + from
	}
	o.size += len(from) + len(path)
	o.operations = append(o.operations, operation{Op: op, From: from, Path: item + path})
}
