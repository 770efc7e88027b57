// Command playground starts an API server whose IPPools the webhook validates, prints commands to try with kubectl, and removes
// everything when it is interrupted.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"ippool-webhook/test/environment"
)

func main() {
	// From here on, these signals do not end the program, because the processes that it has started would continue to run. The
	// program gets SIGPIPE if the reader of its output has ended.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "playground:", err)
		os.Exit(1) //nolint:gocritic // the end of the process ends the handling of signals too
	}
}

// run runs until ctx ends. If ctx ends while processes start, run waits until they have started, so that it can stop them.
func run(ctx context.Context) error {
	whole := context.WithoutCancel(ctx)
	kubectl, err := findKubectl(whole)
	if err != nil {
		return err
	}
	fmt.Println("Starting kube-apiserver, etcd and ippool-webhook ...")
	defer context.AfterFunc(ctx, func() { fmt.Println("\nStopping all of them ...") })()
	e, err := environment.Start(whole, environment.Options{})
	if err != nil {
		return err
	}
	return errors.Join(play(ctx, e, kubectl), e.Stop(whole))
}

// play prints the commands to try, and waits until ctx ends.
func play(ctx context.Context, e *environment.Environment, kubectl kubectl) error {
	admin, err := e.AddUser("admin", "system:masters")
	if err != nil || ctx.Err() != nil {
		return err
	}
	fmt.Print(guide(kubectl, admin.Kubeconfig))
	<-ctx.Done()
	return nil
}
