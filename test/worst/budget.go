package main

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// The budgets. The budget for memory is the memory limit in the manifests.
const (
	maxCPURatio = 5
	maxWait     = time.Second
)

// excess is a budget that a body exceeds.
type excess struct {
	budget string
	name   string  // of the body
	value  float64 // the higher, the worse
	text   string  // the value and its limit
	where  fmt.Stringer
	count  int // number of requests with the body that exceed the budget; this is the worst one
}

func (e *excess) String() string {
	more := ""
	if e.count > 1 {
		more = fmt.Sprintf(" (and in %d other measurements of this body)", e.count-1)
	}
	return fmt.Sprintf("over budget: %s: %s: %s%s", e.budget, e.where, e.text, more)
}

// excesses keeps the worst request for each body and budget.
type excesses struct {
	list []*excess
}

func (l *excesses) add(found excess) {
	found.count = 1
	for _, e := range l.list {
		if e.budget != found.budget || e.name != found.name {
			continue
		}
		found.count += e.count
		if found.value < e.value {
			e.count = found.count
		} else {
			*e = found
		}
		return
	}
	l.list = append(l.list, &found)
}

// overBudget returns the exceeded budgets, with the worst value of each budget last.
func (b *bench) overBudget() []*excess {
	var found excesses
	for _, m := range b.single {
		if ratio := m.cpuRatio(); ratio > maxCPURatio {
			text := fmt.Sprintf("%.1f times that of a healthy body; must be at most %d", ratio, maxCPURatio)
			found.add(excess{budget: "CPU time", name: m.name, value: ratio, text: text, where: m})
		}
		if m.answer() == answerNone || m.answer() == answerEnded {
			found.add(excess{budget: "response", name: m.name, text: m.answer(), where: m})
		}
		b.checkMemory(&found, m.name, m, m.peak())
		checkWaits(&found, m.name, m, m.waits())
	}
	for _, m := range b.many {
		if m.ended {
			found.add(excess{budget: "response", name: m.name, text: answerEnded, where: m})
		}
		b.checkMemory(&found, m.name, m, m.peak)
		checkWaits(&found, m.name, m, m.waits)
	}
	slices.SortStableFunc(found.list, func(x, y *excess) int {
		return cmp.Or(cmp.Compare(x.budget, y.budget), cmp.Compare(x.value, y.value))
	})
	return found.list
}

func (b *bench) checkMemory(found *excesses, name string, where fmt.Stringer, peak int64) {
	if limit := b.shipped.memoryLimit; peak > limit {
		text := fmt.Sprintf("%s; must be at most %s", mebibytes(peak), mebibytes(limit))
		found.add(excess{budget: "peak memory", name: name, value: float64(peak), text: text, where: where})
	}
}

func checkWaits(found *excesses, name string, where fmt.Stringer, w waits) {
	if w.longest > maxWait {
		text := fmt.Sprintf("%s; must be at most %s", milliseconds(w.longest), milliseconds(maxWait))
		found.add(excess{budget: "wait of a small review", name: name, value: float64(w.longest), text: text, where: where})
	}
	if w.failed > 0 {
		text := fmt.Sprintf("failed: %d", w.failed)
		found.add(excess{budget: "small reviews", name: name, value: float64(w.failed), text: text, where: where})
	}
}
