// Package rules holds what the webhook knows of healthy pools: one file per rule. A rule finds; what is done about its
// findings is decided elsewhere. The package knows nothing of HTTP or of admission.
package rules

import (
	"slices"

	"ippool-webhook/webhook/ippool"
)

// Action is what is done about a finding, from nothing to refusing the request. The order counts.
type Action int

// The actions.
const (
	Off   Action = iota // the rule is not asked
	Audit               // audit annotation, metric and log
	Warn                // a warning to the client too; the request goes on
	Deny                // the request is refused
)

var actionNames = [...]string{"Off", "Audit", "Warn", "Deny"} //nolint:gochecknoglobals // a constant, as far as Go has constant arrays

// String returns the action as the configuration spells it.
func (a Action) String() string { return actionNames[a] }

// ParseAction reads an action as String spells it.
func ParseAction(s string) (Action, bool) {
	a := slices.Index(actionNames[:], s)
	return Action(max(a, 0)), a >= 0
}

// Rule is one thing that can be wrong with a pool or with a change to it.
type Rule struct {
	// ID is how users name the rule, the same in messages, metrics and the configuration. The rule's file is named after
	// it and opens with its contract.
	ID string
	// Action is what is done for ordinary writers unless a policy says otherwise.
	Action Action
	// ByFieldValidation says that not Action but the strictness of field validation decides.
	ByFieldValidation bool
	// ByInterface says that the interface name of an allocation is part of what the rule holds against it.
	ByInterface bool
	// BySpelling says that the rule is about how a key is spelled, not about the offset that it says.
	BySpelling bool

	// Pool finds what is wrong with a pool as it stands. What it found in the object before an update is not held
	// against the update.
	Pool func(p *ippool.Pool, r *Report)
	// Update finds what is wrong with a change from one pool to another.
	Update func(c *ippool.Change, r *Report)
	// Delete finds what is wrong with deleting a pool.
	Delete func(p *ippool.Pool, r *Report)

	// Detail appends to dst why a finding is wrong and what would be right, without its value.
	Detail func(dst []byte, s Subject, f Finding) []byte
}

// Subject is what was looked at: the pool in question and, for an update, the change to it.
type Subject struct {
	Pool   *ippool.Pool
	Change *ippool.Change
}

// Kind is the kind of a finding; each stands for a field.ErrorType of k8s.io/apimachinery/pkg/util/validation/field.
type Kind uint8

// The kinds of findings.
const (
	Invalid Kind = iota
	Required
	Duplicate
	Forbidden
)

// Field is the part of a pool that a finding is about.
type Field uint8

// The fields, in the order in which findings are reported. From FieldKey on they are fields of an allocation.
const (
	FieldSpec Field = iota
	FieldRange
	FieldName
	FieldAllocations
	FieldKey
	FieldPodRef
	FieldID
	FieldIfName
	FieldDuplicate
	FieldUnknown
)

// Finding is one violation of a rule. It holds no text: that is written only for the findings that are reported.
type Finding struct {
	// Rule is the rule's place in its Set.
	Rule  int8
	Field Field
	Kind  Kind
	// Entry is the number of the allocation, unknown field or duplicate field in the pool; -1 for the whole pool.
	Entry int32
	// Other is the number of another allocation that the finding is about, or another count; the rule knows.
	Other int32
}

// Report collects findings. It is reused from one request to the next.
type Report struct {
	Findings []Finding
	rule     int8
}

// Reset forgets all findings.
func (r *Report) Reset() { r.Findings = r.Findings[:0] }

// Add reports that something is wrong with the pool as a whole.
func (r *Report) Add(field Field, kind Kind) { r.AddEntry(field, kind, -1, -1) }

// AddEntry reports that something is wrong with one allocation; other is a second one that has to do with it, or -1.
func (r *Report) AddEntry(field Field, kind Kind, entry, other int) {
	r.Findings = append(r.Findings, Finding{Rule: r.rule, Field: field, Kind: kind, Entry: int32(entry), Other: int32(other)})
}
