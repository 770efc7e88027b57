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
// Only what a request changes is evaluated further, so findings that the old pool has do not count. The API server evaluates the
// expressions of messages of each request, also without a finding.
//
// The time must be linear in the number of allocations of a valid pool. cel-go tracks the cost of an expression (refValStack in
// interpreter/runtimecost.go): after each ||, && and ?:, it searches the values of all iterations of the loop so far. So the macros
// filter, all and exists take time in the square of the length. Loops over all allocations therefore use map, transformList and
// transformMapEntry, and functions whose loops are in Go: in, join, matches and findAll. Only the few changed allocations of an update,
// and those of a pool with a finding, are filtered.
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
		{"changed", celKeys("variables.allocations.transformList(k, a, %s[variables.oldAllocations[?k].orValue({}) == a])")},
		{"added", "variables.oldAllocations.size() == 0 ? variables.changed : variables.changed.filter(k, !(k in variables.oldAllocations))"},
		{"edited", "variables.oldAllocations.size() == 0 ? [] : variables.changed.filter(k, k in variables.oldAllocations)"},
		// Most updates remove nothing; then the numbers show it.
		{"removed", "variables.oldAllocations.size() + variables.added.size() == variables.allocations.size() ? [] : " +
			celKeys("variables.oldAllocations.map(k, %s[k in variables.allocations])")},
		// An offset is released if no other key has it, before or after.
		{"released", "variables.removed.filter(k, !(k" + celInteger + " && (string(int(k)) in variables.allocations || " +
			"string(int(k)) != k && string(int(k)) in variables.oldAllocations)))"},
	}
}

// celSeparator separates keys and values in a text. A key that contains it cannot be found, which is an evaluation error: the request
// is denied.
const celSeparator = `\u0001`

// celKeys returns an expression for the keys k for which an expression has false. It has %s where a map from this result is looked up:
// it marks the keys in a text, in which findAll finds them.
func celKeys(format string) string {
	return fmt.Sprintf(format, "{true: '', false: '=' + k}") + ".join('" + celSeparator + "').findAll('=[^" + celSeparator + "]*').map(k, k.substring(1))"
}

// celAll returns an expression that is true if a list is not empty and all its texts match a regular expression.
func celAll(list, pattern string) string {
	return "(" + list + ".join('" + celSeparator + "') + '" + celSeparator + "').matches('^(" + pattern + celSeparator + ")+$')"
}

// celLastOffset returns an expression for the last offset of a range that Whereabouts can use, or that it can read if there is no range.
func celLastOffset() string {
	last := make([]string, 63)
	for length := range last {
		last[length] = lastOffset(fmt.Sprintf("::/%d", 128-length))
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

// celField returns an expression for a field of the allocation with the key k, or for "" if it is absent.
func celField(field string) string {
	return "variables.allocations[k].?" + field + ".orValue('')"
}

// celOldField is celField for the old pool.
func celOldField(field string) string {
	return "variables.oldAllocations[k].?" + field + ".orValue('')"
}

// celAdded returns an expression for the keys k of added allocations that meet a condition. It filters only if the expression valid,
// about all of them, is false.
func celAdded(valid, condition string) string {
	return valid + " ? [] : variables.added.filter(k, " + condition + ")"
}

// celSet returns an expression for the keys k of the allocations that get a value in a field for which a condition is true. It filters
// only if the expression valid, about all changed allocations, is false.
func celSet(field, valid, condition string) string {
	return valid + " ? [] : variables.changed.filter(k, " +
		"(!(k in variables.oldAllocations) || " + celField(field) + " != " + celOldField(field) + ") && " + condition + ")"
}

// celValues returns an expression for the values of a field of all changed allocations.
func celValues(field string) string { return "variables.changed.map(k, " + celField(field) + ")" }

// celKeepsKeys returns an expression that is true unless the request also removes another key of the offset of k, such as 05 for 5.
const celKeepsKeys = "!variables.removed.exists(r, r" + celInteger + " && string(int(r)) == k)"

// celText returns an expression for a constant text.
func celText(text string) string { return strconv.Quote(text) }

// celInteger matches a key that CEL can read as a number (strconv.ParseInt, as Whereabouts).
const celInteger = `.matches('^[+-]?[0-9]{1,18}$')`
