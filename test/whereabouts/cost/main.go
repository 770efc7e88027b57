// Command cost measures the cost of a webhook for a pod start, on a real API server. It measures the PATCH that records an
// address and the PATCH that releases it: without a webhook, with a webhook that answers immediately, with ippool-webhook, and
// with the typed validator of controller-runtime.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == peersCommand {
		return servePeers(ctx, args[1:])
	}
	flags := flag.NewFlagSet("cost", flag.ExitOnError)
	allocations := flags.String("allocations", "16,254,4000,6000", "comma-separated pool sizes, in allocations")
	rounds := flags.Int("rounds", 30, "number of pods for each webhook and pool size; five times as many if a pool has less than 1000 allocations")
	alternatives := flags.Bool("alternatives", false, "also measure other webhook configurations")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var sizes []int
	for text := range strings.SplitSeq(*allocations, ",") {
		size, err := strconv.Atoi(text)
		if err != nil || size < 1 || size > maxAllocations {
			return fmt.Errorf("--allocations %q: %q is invalid: must be comma-separated numbers from 1 to %d, such as 16,254", *allocations, text, maxAllocations)
		}
		sizes = append(sizes, size)
	}
	if *rounds < 1 {
		return fmt.Errorf("--rounds %d is invalid: must be 1 or more", *rounds)
	}
	return measure(ctx, sizes, *rounds, *alternatives)
}
