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

// report prints what was measured of pools of one size. What a webhook adds is the median, over the rounds, of the
// difference to the PATCH without a webhook of the same round: what else the machine does meets both.
func report(out io.Writer, size int, results []result) error {
	if _, err := fmt.Fprintf(out, "\n%d entries, %d PATCHes each\n", size, len(results[0].patches)); err != nil {
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	lines := []string{"webhook\tmedian\tp99\tadds\t\tcalls\tmean call\tmean inside\t\n"}
	for _, r := range results {
		lines = append(lines, r.line(results[0].patches))
	}
	if _, err := io.WriteString(table, strings.Join(lines, "")); err != nil {
		return err
	}
	return table.Flush()
}

// line returns a line of the table. base are the patches without a webhook.
func (r result) line(base []time.Duration) string {
	added := make([]time.Duration, len(r.patches))
	for i := range added {
		added[i] = r.patches[i] - base[i]
	}
	share := 100 * float64(quantile(added, 0.5)) / float64(quantile(base, 0.5))
	return fmt.Sprintf("%s\t%s\t%s\t%s\t%.1f %%\t%d\t%s\t%s\t\n", r.variant, milliseconds(quantile(r.patches, 0.5)),
		milliseconds(quantile(r.patches, 0.99)), milliseconds(quantile(added, 0.5)), share,
		r.count, milliseconds(mean(r.took, r.count)), milliseconds(mean(r.inside, r.count)))
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
