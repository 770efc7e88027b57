package codec

import (
	"context"

	"ippool-webhook/webhook/ippool"
)

// Decoder decodes IPPools, in memory that it keeps from one pool to the next. Its zero value is ready to use.
type Decoder struct {
	pool   *ippool.Pool
	schema *Schema
	like   *Decoder
	src    []byte

	// allocationsStart is the offset of the allocations in src.
	allocationsStart int
	items            []item // by allocation
	keys             keys
	names            names
	// spec is the number of the object that is spec; see names.
	spec int32
	// unknownIn holds, for each unknown field of the pool, the number of the object that has it.
	unknownIn []int32
	paths     paths
}

// item is the state of the decoder for an allocation.
type item struct {
	// start and end bound the JSON text, key and value, of an allocation in the form that clients write; otherwise end is 0.
	start, end uint32
	// object is the number of the object that is its value, if that was read field by field.
	object int32
	// repeated is true if the key occurred before.
	repeated bool
}

// Parse decodes the JSON text of one object. The error is about its syntax. The pool's strings are views of src.
func Parse(src []byte, schema *Schema) (*ippool.Pool, error) {
	var (
		p ippool.Pool
		d Decoder
		r Reader
	)
	r.Reset(context.Background(), src, &Text{})
	if err := d.Decode(&r, &p, schema, nil); err != nil {
		return nil, err
	}
	if err := r.Close(); err != nil {
		return nil, err
	}
	return &p, nil
}

// Decode reads the next value of r into p, as the API server reads a custom resource: the last value of a name that occurs
// twice counts, and null is the same as absent. Values of a wrong type are kept apart. The strings of p are views of the
// text of r and live as long as that. The error is about the syntax of the JSON text, or is that of the context of r.
//
// Decode is faster when most allocations are written as in the text that like decoded last, such as the object before an
// update; like may be nil.
func (d *Decoder) Decode(r *Reader, p *ippool.Pool, schema *Schema, like *Decoder) error {
	p.Reset()
	d.Reset()
	d.pool, d.schema, d.like, d.src = p, schema, like, r.Source()
	p.Present = r.Peek() != 'n'
	start := r.Offset()
	if err := d.decodeRoot(r); err != nil {
		return err
	}
	if p.Present {
		p.Size = r.Offset() - start
	}
	if p.Overfull {
		d.dropAllocations()
	}
	d.dropOverwrittenFields()
	p.SetRange(p.RangeText)
	return nil
}

// Reset makes d independent of the pool that it has decoded. A decoder whose pool has changed must be reset before it is used
// as like.
func (d *Decoder) Reset() {
	*d = Decoder{items: d.items[:0], unknownIn: d.unknownIn[:0], keys: d.keys, names: d.names, paths: d.paths}
	d.keys.reset()
	d.names.reset()
	d.paths.reset()
}
