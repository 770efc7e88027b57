package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// report prints the measurements of pools of one size.
func report(out io.Writer, size int, results []result) error {
	if _, err := fmt.Fprintf(out, "\n%d allocations, PATCHes of %d pods\n", size, len(results[0].starts)); err != nil {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	lines := []string{"webhook\tstart\tp99\tadds\t%\tmean call\tmean inside\tend\tp99\tadds\t%\t\n"}
	for _, r := range results {
		lines = append(lines, r.line(results[0]))
	}
	if _, err := io.WriteString(table, strings.Join(lines, "")); err != nil {
		return err
	}
	return table.Flush()
}

// line returns a line of the table. base is the variant without a webhook.
func (r result) line(base result) string {
	return fmt.Sprintf("%s\t%s\t%s\t%s\t%s\t\n", r.name, patches(r.starts, base.starts),
		milliseconds(mean(r.took, r.count)), milliseconds(mean(r.inside, r.count)), patches(r.ends, base.ends))
}

// patches returns the cells about PATCHes of one kind. The added time is the median of the differences between the PATCH with
// and the PATCH without a webhook in the same round, because other load on the machine affects both.
func patches(with, without []time.Duration) string {
	added := make([]time.Duration, len(with))
	for i := range added {
		added[i] = with[i] - without[i]
	}
	median := quantile(added, 0.5)
	return fmt.Sprintf("%s\t%s\t%s\t%.1f", milliseconds(quantile(with, 0.5)), milliseconds(quantile(with, 0.99)),
		milliseconds(median), 100*float64(median)/float64(quantile(without, 0.5)))
}

// quantile returns the smallest value that the share q of all values does not exceed.
func quantile(values []time.Duration, q float64) time.Duration {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[max(int(math.Ceil(q*float64(len(sorted))))-1, 0)]
}

func mean(total time.Duration, count int) time.Duration { return total / time.Duration(max(count, 1)) }

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
}
