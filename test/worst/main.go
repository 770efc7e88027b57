// Command worst measures the cost of hostile admission reviews for ippool-webhook: CPU time and memory, as ratios to healthy
// reviews of the same size, and the waiting time of other reviews. It runs the built binary and uses only its HTTP interface.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// The exit statuses.
const (
	exitWithinBudgets = 0
	exitOverBudget    = 1
	exitNotMeasured   = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run measures, prints the results and returns the exit status. If it cannot continue, it prints the results so far.
func run(ctx context.Context, args []string, out, progress io.Writer) int {
	o, err := parseOptions(args, progress)
	if errors.Is(err, flag.ErrHelp) {
		return exitWithinBudgets
	}
	if err != nil {
		_, _ = fmt.Fprintln(progress, err)
		return exitNotMeasured
	}
	b := &bench{options: *o, progress: progress}
	measureErr := b.measureAll(ctx)
	broken, reportErr := b.report(out)
	if err := errors.Join(measureErr, reportErr); err != nil {
		_, _ = fmt.Fprintln(progress, "cannot measure:", err)
		return exitNotMeasured
	}
	if broken {
		return exitOverBudget
	}
	return exitWithinBudgets
}
