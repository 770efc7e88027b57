// Command ratios reads the output of `go test -bench` and prints a comparison of the handler with its peers for each benchmark.
// Each result is the median of the ratios of all rounds, because other load on the machine affects both sides of a ratio.
package main

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"golang.org/x/perf/benchfmt"
)

// measurement is the cost of one implementation in one benchmark.
type measurement struct {
	seconds []float64
	allocs  float64
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: ratios FILE")
		os.Exit(2)
	}
	measured, order, err := read(os.Args[1])
	if err == nil {
		err = report(measured, order)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// read returns the measurements by benchmark and implementation, and the benchmarks in their order.
func read(path string) (measured map[string]map[string]*measurement, order []string, err error) {
	file, err := os.Open(path) //nolint:gosec // the Makefile passes the file
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = file.Close() }()
	measured = map[string]map[string]*measurement{}
	for reader := benchfmt.NewReader(file, path); reader.Scan(); {
		result, ok := reader.Result().(*benchfmt.Result)
		if !ok {
			continue
		}
		benchmark, implementation := split(result.Name.String())
		if measured[benchmark] == nil {
			measured[benchmark] = map[string]*measurement{}
			order = append(order, benchmark)
		}
		m := measured[benchmark][implementation]
		if m == nil {
			m = &measurement{}
			measured[benchmark][implementation] = m
		}
		seconds, _ := result.Value("sec/op")
		m.seconds = append(m.seconds, seconds)
		m.allocs, _ = result.Value("allocs/op")
	}
	return measured, order, nil
}

// split cuts the part /impl=NAME-PROCS out of the name of a benchmark.
func split(name string) (benchmark, implementation string) {
	benchmark, implementation, _ = strings.Cut(name, "/impl=")
	implementation, _, _ = strings.Cut(implementation, "-")
	return benchmark, implementation
}

func report(measured map[string]map[string]*measurement, order []string) error {
	text := &strings.Builder{}
	text.WriteString("benchmark\tours\ttyped / ours\tours / tokens\tallocs\t\n")
	for _, benchmark := range order {
		by := measured[benchmark]
		ours, typed, tokens := by["ours"], by["typed"], by["tokens"]
		if ours == nil || typed == nil || tokens == nil {
			return fmt.Errorf("%s has no result for ours, typed or tokens", benchmark)
		}
		fmt.Fprintf(text, "%s\t%.1f µs\t%.1f\t%.2f\t%.0f\t\n", benchmark, median(ours.seconds)*1e6,
			ratio(typed.seconds, ours.seconds), ratio(ours.seconds, tokens.seconds), ours.allocs)
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	if _, err := table.Write([]byte(text.String())); err != nil {
		return err
	}
	return table.Flush()
}

// ratio returns the median of the ratios of all rounds.
func ratio(numerators, denominators []float64) float64 {
	ratios := make([]float64, min(len(numerators), len(denominators)))
	for i := range ratios {
		ratios[i] = numerators[i] / denominators[i]
	}
	return median(ratios)
}

func median(values []float64) float64 {
	sorted := slices.SortedFunc(slices.Values(values), cmp.Compare[float64])
	return sorted[len(sorted)/2]
}
