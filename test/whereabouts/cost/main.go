// Command cost measures what a webhook costs a pod start: the PATCH by which Whereabouts records an address, and the one by which
// it releases it, on a real API server, without a webhook, with one that answers at once, with ippool-webhook, and with controller-runtime's typed validator in its
// place.
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
	entries := flags.String("entries", "16,254,4000,6000", "numbers of entries of the pools")
	rounds := flags.Int("rounds", 30, "pods for each webhook and pool; five times as many for pools of less than 1000 entries")
	alternatives := flags.Bool("alternatives", false, "measure other webhook configurations too")
	if err := flags.Parse(args); err != nil {
		return err
	}
	var sizes []int
	for text := range strings.SplitSeq(*entries, ",") {
		size, err := strconv.Atoi(text)
		if err != nil || size < 1 || size > maxEntries {
			return fmt.Errorf("--entries %q: %q is not supported; want a list of numbers from 1 to %d, such as 16,254", *entries, text, maxEntries)
		}
		sizes = append(sizes, size)
	}
	if *rounds < 1 {
		return fmt.Errorf("--rounds %d is not supported; want 1 or more", *rounds)
	}
	return measure(ctx, sizes, *rounds, *alternatives)
}
