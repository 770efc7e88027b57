package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"syscall"

	"ippool-webhook/test/environment"
)

// peers is the process with the webhooks that ippool-webhook is compared with.
type peers struct {
	address string // host and port of the webhooks
	metrics string // URL
	process *exec.Cmd
}

// startPeers starts the peers and returns once they are ready.
func startPeers(ctx context.Context, certDir string) (*peers, error) {
	address, err := environment.FreeAddress("127.0.0.1")
	if err != nil {
		return nil, err
	}
	metrics, err := environment.FreeAddress("127.0.0.1")
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	p := &peers{address: address, metrics: "http://" + metrics + "/metrics"}
	p.process = exec.CommandContext(ctx, self, peersCommand, "--port", port, "--cert-dir", certDir, "--metrics-bind-address", metrics) //nolint:gosec // runs itself
	p.process.Cancel = func() error { return p.process.Process.Signal(syscall.SIGTERM) }
	if err := p.process.Start(); err != nil {
		return nil, fmt.Errorf("cannot start the peers: %w", err)
	}
	return p, environment.Await(ctx, "the peers", func(ctx context.Context) error {
		connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err != nil {
			return err
		}
		return connection.Close()
	})
}

// stop stops the peers. For nil, it does nothing.
func (p *peers) stop() error {
	if p == nil {
		return nil
	}
	if err := p.process.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return p.process.Wait()
}
