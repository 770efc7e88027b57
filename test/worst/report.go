package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// report prints the results and the exceeded budgets. broken is true if a budget is exceeded.
func (b *bench) report(out io.Writer) (broken bool, err error) {
	buffered := bufio.NewWriter(out) // keeps the first error
	b.reportHealthy(buffered)
	b.reportSingle(buffered)
	b.reportBursts(buffered)
	b.summarize(buffered)
	lines := b.overBudget()
	for _, line := range lines {
		_, _ = fmt.Fprintln(buffered, line)
	}
	if len(lines) == 0 && len(b.single) > 0 {
		_, _ = fmt.Fprintln(buffered, "all bodies are within the budgets")
	}
	return len(lines) > 0, buffered.Flush()
}

// newTable starts a table. The last column of each line must end with a tab.
func newTable(out io.Writer, title, head string) *tabwriter.Writer {
	_, _ = fmt.Fprintf(out, "%s\n\n", title)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, head)
	return table
}

// reportHealthy prints the results of the healthy bodies.
func (b *bench) reportHealthy(out io.Writer) {
	table := newTable(out, fmt.Sprintf("Healthy bodies, GOMAXPROCS %d", b.gomaxprocs[0]), "body\tsize\trequest\tpath\tCPU\tpeak memory\tsamples")
	var last []*baseline
	for _, m := range b.single {
		if h := m.healthy; !slices.Contains(last, h) {
			last = append(last, h)
			_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%d\n", h.name, mebibytes(int64(h.size)), h.request, pathName(h.path),
				milliseconds(median(h.samples, sampleCPU)), mebibytes(median(h.samples, samplePeak)), len(h.samples))
		}
	}
	_ = table.Flush()
}

// reportSingle prints the results of single bodies, the worst last.
func (b *bench) reportSingle(out io.Writer) {
	title := fmt.Sprintf("\nHostile bodies, one at a time, GOMAXPROCS %d, -rounds %d; ratios to healthy bodies", b.gomaxprocs[0], b.rounds)
	table := newTable(out, title, "body\tsize\trequest\tpath\tanswer\tCPU\tratio\tpeak memory\tratio\tlongest wait\t")
	sorted := slices.SortedStableFunc(slices.Values(b.single), func(x, y *measurement) int {
		return cmp.Compare(max(x.cpuRatio(), x.peakRatio()), max(y.cpuRatio(), y.peakRatio()))
	})
	for _, m := range sorted {
		cpu, above := milliseconds(m.cpu()), ""
		if m.timedOut() {
			cpu, above = fmt.Sprintf(">%.0f s", b.timeout.Seconds()), ">"
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s%.1f\t%s\t%.1f\t%s\t\n", m.name, mebibytes(int64(m.size)), m.request, pathName(m.path),
			m.answer(), cpu, above, m.cpuRatio(), mebibytes(m.peak()), m.peakRatio(), m.waits())
	}
	_ = table.Flush()
}

// reportBursts prints the results of many copies at the same time.
func (b *bench) reportBursts(out io.Writer) {
	if len(b.many) == 0 {
		return
	}
	title := fmt.Sprintf("\nThe worst bodies, %d at a time for %s; the memory limit is %s", b.copies, b.sustain, mebibytes(b.shipped.memoryLimit))
	table := newTable(out, title, "GOMAXPROCS\tbody\tsize\trequest\tpath\tresponses\tpeak memory\tof the limit\tlongest wait\t")
	sorted := slices.SortedStableFunc(slices.Values(b.many), func(x, y *burst) int {
		return cmp.Or(cmp.Compare(x.gomaxprocs, y.gomaxprocs), cmp.Compare(x.peak, y.peak))
	})
	for _, m := range sorted {
		above := ""
		if m.stopped {
			above = ">"
		}
		_, _ = fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\t%s%s\t%s%.0f %%\t%s\t\n", m.gomaxprocs, m.name, mebibytes(int64(m.size)), m.request, pathName(m.path),
			m.answers(), above, mebibytes(m.peak), above, 100*float64(m.peak)/float64(b.shipped.memoryLimit), m.waits)
	}
	_ = table.Flush()
}

// summarize prints the worst result of each measure.
func (b *bench) summarize(out io.Writer) {
	if len(b.single) == 0 {
		return
	}
	var broken int
	for _, m := range b.single {
		if m.cpuRatio() > maxCPURatio {
			broken++
		}
	}
	highest := func(measure func(*measurement) float64) *measurement {
		return slices.MaxFunc(b.single, func(x, y *measurement) int { return cmp.Compare(measure(x), measure(y)) })
	}
	cpu, peak := highest((*measurement).cpuRatio), highest((*measurement).peakRatio)
	wait := highest(func(m *measurement) float64 { return float64(m.waits().longest) })
	_, _ = fmt.Fprintf(out, "\nenvironment of the server: %s\n", strings.Join(b.shipped.environment, " "))
	_, _ = fmt.Fprintf(out, "bodies: %d; %d need more than %d times the CPU time of a healthy body\n", len(b.single), broken, maxCPURatio)
	_, _ = fmt.Fprintf(out, "most CPU time: %.1f times that of a healthy body: %s\n", cpu.cpuRatio(), cpu)
	_, _ = fmt.Fprintf(out, "most memory, one at a time: %.1f times that of a healthy body, %s: %s\n", peak.peakRatio(), mebibytes(peak.peak()), peak)
	_, _ = fmt.Fprintf(out, "longest wait of a small review, one at a time: %s: %s\n", wait.waits(), wait)
	if len(b.many) > 0 {
		b.summarizeBursts(out)
	}
	_, _ = fmt.Fprintln(out)
}

func (b *bench) summarizeBursts(out io.Writer) {
	peak := slices.MaxFunc(b.many, func(x, y *burst) int { return cmp.Compare(x.peak, y.peak) })
	wait := slices.MaxFunc(b.many, func(x, y *burst) int { return cmp.Compare(x.waits.longest, y.waits.longest) })
	_, _ = fmt.Fprintf(out, "most memory, many at a time: %s of %s: %s\n", mebibytes(peak.peak), mebibytes(b.shipped.memoryLimit), peak)
	_, _ = fmt.Fprintf(out, "longest wait of a small review, many at a time: %s: %s\n", wait.waits, wait)
}

// String returns the longest wait, and the number of failed reviews if there are any.
func (w waits) String() string {
	if w.failed > 0 {
		return fmt.Sprintf("%s, %d failed", milliseconds(w.longest), w.failed)
	}
	return milliseconds(w.longest)
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.0f ms", float64(d)/float64(time.Millisecond))
}

func mebibytes(bytes int64) string {
	if size := float64(bytes) / (1 << 20); size < 1 {
		return fmt.Sprintf("%.2f MiB", size)
	}
	return fmt.Sprintf("%.0f MiB", float64(bytes)/(1<<20))
}
