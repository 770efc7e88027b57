package rules

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"ippool-webhook/webhook/ippool"
)

// CEL is a rule, or the part of it that CEL can express, for a ValidatingAdmissionPolicy. The API server evaluates it without the
// webhook. Its expressions can use the variables of CELVariables.
type CEL struct {
	// Keys is an expression for the list of the keys of the allocations with findings that the request introduces.
	Keys string
	// Valid is an expression that is true unless the request introduces a finding. It is optional if there are Keys. Except in a rule
	// about deletions, it is evaluated for creates and updates only.
	Valid string
	// Field is the path of the field that the message names. With Keys, it follows the path of the allocation, such as .podref.
	Field string
	// Message is an expression for the message, without the field and the ID of the rule.
	Message string
	// Delete says that the rule is about deletions.
	Delete bool
	// Missing says what the rule finds and CEL does not, for the documentation. It is empty if CEL finds the same.
	Missing string
}

// CELVariable is a named expression. The API server evaluates it at most once for each policy, and only if another one needs it.
type CELVariable struct{ Name, Expression string }

// CELVariables returns the variables that the expressions of rules use. A variable can use those before it.
//
// Only what a request changes is evaluated further. So the cost of an update is linear in the number of allocations, and findings
// that the old pool has do not count.
func CELVariables() []CELVariable {
	return []CELVariable{
		{"hasSpec", "has(object.spec)"},
		{"hadSpec", "oldObject != null && has(oldObject.spec)"},
		{"range", "variables.hasSpec && has(object.spec.range) ? object.spec.range : ''"},
		{"oldRange", "variables.hadSpec && has(oldObject.spec.range) ? oldObject.spec.range : ''"},
		{"isRange", "isCIDR(variables.range)"},
		{"wasRange", "isCIDR(variables.oldRange)"},
		// A different text of the same range is not a change.
		{"sameRange", "variables.range == variables.oldRange || " +
			"variables.isRange && variables.wasRange && cidr(variables.range) == cidr(variables.oldRange)"},
		{"hostLength", "(cidr(variables.range).ip().family() == 4 ? 32 : 128) - cidr(variables.range).prefixLength()"},
		{"lastOffset", celLastOffset()},
		{"enableL3", "variables.hasSpec && object.spec.?enable_l3.orValue(false) == true"},
		{"allocations", "variables.hasSpec && has(object.spec.allocations) ? object.spec.allocations : {}"},
		{"oldAllocations", "variables.hadSpec && has(oldObject.spec.allocations) ? oldObject.spec.allocations : {}"},
		{"added", "variables.allocations.filter(k, !(k in variables.oldAllocations))"},
		// Most updates remove nothing; then the numbers show it.
		{"removed", "variables.oldAllocations.size() + variables.added.size() == variables.allocations.size() ? [] : " +
			"variables.oldAllocations.filter(k, !(k in variables.allocations))"},
		// An offset is released if no other key has it, before or after.
		{"released", "variables.removed.filter(k, !(k" + celInteger + " && (string(int(k)) in variables.allocations || " +
			"string(int(k)) != k && string(int(k)) in variables.oldAllocations)))"},
		{"edited", "variables.allocations.transformList(k, a, k in variables.oldAllocations && a != variables.oldAllocations[k], k)"},
		{"changed", "variables.added + variables.edited"},
	}
}

// celLastOffset returns an expression for the last offset of a range that Whereabouts can use, or that it can read if there is no range.
func celLastOffset() string {
	var last []string
	for length := range 63 {
		last = append(last, lastOffset(fmt.Sprintf("::/%d", 128-length)))
	}
	return fmt.Sprintf("!variables.isRange || variables.hostLength >= %d ? %d : "+
		"cidr(variables.range).ip().family() == 4 && variables.hostLength == 32 ? %s : [%s][variables.hostLength]",
		len(last), math.MaxInt64, lastOffset("0.0.0.0/0"), strings.Join(last, ", "))
}

func lastOffset(cidr string) string {
	r, err := ippool.ParseRange(cidr)
	if err != nil {
		panic(err) // the ranges are constants
	}
	return strconv.FormatUint(r.OffsetLimit()-1, 10)
}

// celField returns an expression for a field of the allocation with a key, or for "" if it is absent.
func celField(field, key string) string {
	return "variables.allocations[" + key + "].?" + field + ".orValue('')"
}

// celOldField is celField for the old pool.
func celOldField(field, key string) string {
	return "variables.oldAllocations[" + key + "].?" + field + ".orValue('')"
}

// celSet returns an expression for the keys k of the allocations that get a value in a field. Conditions with k restrict them.
func celSet(field string, conditions ...string) string {
	conditions = append([]string{"(!(k in variables.oldAllocations) || " + celField(field, "k") + " != " + celOldField(field, "k") + ")"}, conditions...)
	return "variables.changed.filter(k, " + strings.Join(conditions, " && ") + ")"
}

// celKeepsKeys returns an expression that is true unless the request also removes another key of the offset of k, such as 05 for 5.
const celKeepsKeys = "!variables.removed.exists(r, r" + celInteger + " && string(int(r)) == k)"

// celText returns an expression for a constant text.
func celText(text string) string { return strconv.Quote(text) }

// celInteger matches a key that CEL can read as a number (strconv.ParseInt, as Whereabouts).
const celInteger = `.matches('^[+-]?[0-9]{1,18}$')`
