package ippool

// visit numbers one value of a field that may come several times, of which only the last value counts. What was found in
// an earlier value is told by its visit.
type visit int32

// visits holds the last visit of each field that can have unknown or mistyped fields in it.
type visits struct {
	last        visit
	spec        visit
	allocations visit
	// entries holds the allocations that were read again.
	entries map[int32]visit
}

func (v *visits) enterSpec() {
	v.last++
	v.spec = v.last
}

func (v *visits) enterAllocations() {
	v.last++
	v.allocations = v.last
	clear(v.entries)
}

func (v *visits) enterEntryAgain(entry int32) {
	if v.entries == nil {
		v.entries = map[int32]visit{}
	}
	v.last++
	v.entries[entry] = v.last
}

// visitOf returns the last visit of the parent of an unknown field.
func (v *visits) visitOf(parent int32) visit {
	switch parent {
	case InRoot:
		return 0
	case InSpec:
		return v.spec
	}
	if again, ok := v.entries[parent]; ok {
		return again
	}
	return v.allocations
}
