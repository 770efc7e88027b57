// Package rules has the rules for pools, one per file. A rule finds violations; its caller decides what is done about them. The
// package imports neither HTTP nor admission.
//
// [All] returns the rules, and a [Set] evaluates them: a pool as it is ([Set.CheckPool]), an update ([Set.CheckUpdate]) or a
// deletion ([Set.CheckDelete]). The [Report] has the findings of each rule, apart for those that an update introduces and those
// that the old pool has too. [Rule.AppendMessage] writes the message of a finding.
package rules

import (
	"slices"

	"ippool-webhook/webhook/ippool"
)

// Action is the reaction to a finding, from none to denying the request. A stricter action is greater.
type Action int

// The actions.
const (
	Off   Action = iota // the rule is not evaluated
	Audit               // audit annotation, metric and log
	Warn                // a warning to the client too; the request goes on
	Deny                // the request is denied
)

var actionNames = [...]string{"Off", "Audit", "Warn", "Deny"} //nolint:gochecknoglobals // a constant, as far as Go has constant arrays

// String returns the name of the action in the configuration.
func (a Action) String() string { return actionNames[a] }

// ParseAction returns the action with a name.
func ParseAction(s string) (Action, bool) {
	a := slices.Index(actionNames[:], s)
	return Action(max(a, 0)), a >= 0
}

// Rule is a condition that pools or changes of pools must meet. It has one or more functions that find violations. On an
// update, a finding is an existing one if the old pool had it too; the functions say when that is.
type Rule struct {
	// ID is the name of the rule in messages, metrics and the configuration. The rule's file is named after it.
	ID string
	// Docs explains the rule to users.
	Docs Docs
	// Action is the default action in enforce mode.
	Action Action
	// ByFieldValidation is true if the strictness of field validation decides instead of Action.
	ByFieldValidation bool

	// Pool finds at most one violation by a pool as a whole.
	Pool func(p *ippool.Pool) (Finding, bool)
	// PoolExisted, if set, reports whether a finding of Pool about the new pool is an existing one, given that the old pool
	// has one too. By default it is one if the values are the same.
	PoolExisted func(c *ippool.Change) bool

	// Allocations finds violations of single allocations. A finding is an existing one if the old pool had an allocation at
	// the same offset with the same value in the field, for which AllocationExisted, if set, reports true.
	Allocations func(p *ippool.Pool, r *Report)
	// AllocationExisted reports whether the rule finds something in an allocation of the old pool. It is for rules that
	// depend on more of the pool than the allocation.
	AllocationExisted func(c *ippool.Change, old int) bool

	// Groups finds groups of allocations that have the same Identity, which only one allocation should have. Its findings
	// are existing ones unless their group gained an offset.
	Groups func(p *ippool.Pool, groups *ippool.Groups, r *Report)
	// Identity is the identity that the members of a group share.
	Identity ippool.Identity

	// Fields finds fields of the object.
	Fields func(p *ippool.Pool, r *Report)

	// Update finds violations by a change from one pool to another. All its findings are new.
	Update func(c *ippool.Change, r *Report)
	// Delete finds violations by the deletion of a pool.
	Delete func(p *ippool.Pool, r *Report)

	// CEL is the rule for a ValidatingAdmissionPolicy, or nil if CEL cannot express it.
	CEL *CEL

	// Detail appends to dst why a value is wrong and what would be right, without the value.
	Detail func(dst []byte, s Subject, f Finding) []byte
}

// Docs explains a rule to users, in sentences.
type Docs struct {
	Summary string // what the rule finds
	Why     string // why it matters to Whereabouts
	Fix     string // how to correct a finding
}

// Subject is the evaluated pool and, for an update, the change to it.
type Subject struct {
	Pool   *ippool.IndexedPool
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
	TypeInvalid
)

// Field is the part of a pool that a finding is about.
type Field uint8

// The fields, in the order in which findings are reported. From FieldKey to FieldClaimRef they are fields of an allocation.
const (
	FieldSpec Field = iota
	FieldRange
	FieldName
	FieldAllocations
	FieldWrongType
	FieldKey
	FieldOffset // the key too; it has the same value when the offset is the same
	FieldValue
	FieldPodRef
	FieldID
	FieldIfName
	FieldClaimRef
	FieldDuplicate
	FieldUnknown
)

// Finding is one violation of a rule. It holds no text: a message is written only if the finding is reported.
type Finding struct {
	// Rule is the rule's place in its Set.
	Rule  int8
	Field Field
	Kind  Kind
	// Item is a number in a list of the pool: in Duplicates, Unknown or WrongTypes for a finding about such a field,
	// otherwise in Allocations. It is -1 for a finding about the whole pool.
	Item int32
	// Conflict is the number of another allocation of the pool that the finding is about, or -1.
	Conflict int32
	// Old is the number of an allocation of the old pool that the finding is about, or -1.
	Old int32
}

// about returns a finding about the pool as a whole.
func about(field Field, kind Kind) Finding {
	return Finding{Field: field, Kind: kind, Item: -1, Conflict: -1, Old: -1}
}
