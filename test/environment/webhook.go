package environment

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// Webhook is the program under test as a process. It can be stopped and started again, on the same ports.
type Webhook struct {
	binary, dir string
	certDir     string
	address     string
	flags       []string
	metricsURL  string
	healthURL   string

	log     output
	process *process // nil while no process runs
	before  int      // length of the part of log that earlier processes wrote
}

// process is a process, and the result of waiting for it.
type process struct {
	*exec.Cmd
	ended chan struct{} // closed at the end, when err is set
	err   error
}

// NewWebhook returns the program under test as a process that is not started. It builds the program unless the environment
// names one. The process serves the certificate in a folder, on a host and port. Metrics and health are on free ports of the
// same host.
func (p *ControlPlane) NewWebhook(ctx context.Context, certDir, host string, port int) (*Webhook, error) {
	dir, err := os.MkdirTemp(p.dir, "webhook-")
	if err != nil {
		return nil, err
	}
	binary, err := p.Binary(ctx, dir)
	if err != nil {
		return nil, err
	}
	metrics, err := FreeAddress(host)
	if err != nil {
		return nil, err
	}
	health, err := FreeAddress(host)
	if err != nil {
		return nil, err
	}
	return &Webhook{
		binary: binary, dir: dir, certDir: certDir, address: net.JoinHostPort(host, strconv.Itoa(port)),
		flags: []string{
			"--cert-source", "files", "--cert-dir", certDir,
			"--bind-address", host, "--port", strconv.Itoa(port),
			"--metrics-bind-address", metrics, "--health-probe-bind-address", health,
			// Few tests send requests while the webhook stops; these tests set another period.
			"--drain-quiet-period", "10ms",
		},
		metricsURL: "http://" + metrics + "/metrics",
		healthURL:  "http://" + health,
	}, nil
}

// Start starts the process and returns once it is ready. It runs until Stop, even if ctx ends.
func (w *Webhook) Start(ctx context.Context, o Options) error {
	if err := w.Launch(ctx, o); err != nil {
		return err
	}
	if err := w.AwaitReady(ctx); err != nil {
		return errors.Join(err, w.end(ctx))
	}
	return nil
}

// Launch starts the process and does not wait until it is ready. It runs until Stop, even if ctx ends.
func (w *Webhook) Launch(ctx context.Context, o Options) error {
	flags := append([]string{"serve"}, w.flags...)
	if o.Policy != "" {
		path := filepath.Join(w.dir, "policy.yaml")
		if err := os.WriteFile(path, []byte(o.Policy), 0o600); err != nil {
			return err
		}
		flags = append(flags, "--config", path)
	}
	command := exec.CommandContext(context.WithoutCancel(ctx), w.binary, append(flags, o.Flags...)...) //nolint:gosec // a test says what to run
	command.Stdout, command.Stderr = &w.log, &w.log
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // as envtest does: Ctrl-C in a terminal is for the test, and Stop stops the process
	w.before = len(w.Log())
	if err := command.Start(); err != nil {
		return fmt.Errorf("cannot start the webhook: %w", err)
	}
	w.process = &process{Cmd: command, ended: make(chan struct{})}
	go w.process.wait()
	return nil
}

// AwaitReady awaits that the process is ready. The error contains the log of the process, also if the process exits.
func (w *Webhook) AwaitReady(ctx context.Context) error {
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	go func(p *process) {
		defer cancel()
		select {
		case <-p.ended:
		case <-running.Done():
		}
	}(w.process)
	if err := Await(running, "the webhook's readiness", w.Ready); err != nil {
		return w.withLog(err)
	}
	return nil
}

// wait waits until the process exits.
func (p *process) wait() {
	p.err = p.Wait()
	close(p.ended)
}

// Ready returns an error unless /readyz succeeds. The error contains the answer.
func (w *Webhook) Ready(ctx context.Context) error {
	_, err := get(ctx, w.healthURL+"/readyz?verbose")
	return err
}

// Healthy returns an error unless /healthz succeeds.
func (w *Webhook) Healthy(ctx context.Context) error {
	_, err := get(ctx, w.healthURL+"/healthz")
	return err
}

// Stop stops the process as Kubernetes does, and returns an error unless it exits with code 0. Without a process, it does
// nothing.
func (w *Webhook) Stop(ctx context.Context) error {
	if err := w.end(ctx); err != nil {
		return w.withLog(err)
	}
	return nil
}

func (w *Webhook) end(ctx context.Context) error {
	if w.process == nil {
		return nil
	}
	p := w.process
	w.process = nil
	if err := p.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("cannot stop the webhook: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case <-p.ended:
		if p.err != nil {
			return fmt.Errorf("the webhook ended with: %w", p.err)
		}
		return nil
	case <-ctx.Done():
		return errors.Join(fmt.Errorf("the webhook did not end upon SIGTERM: %w", ctx.Err()), p.Process.Kill())
	}
}

func (w *Webhook) withLog(err error) error {
	return fmt.Errorf("%w\nlog:\n%s", err, w.Log()[w.before:])
}

// Restart stops the process and starts it with other options.
func (w *Webhook) Restart(ctx context.Context, o Options) error {
	if err := w.Stop(ctx); err != nil {
		return err
	}
	return w.Start(ctx, o)
}

// Pause makes the process hang until Resume: it accepts connections and does not answer.
func (w *Webhook) Pause() error { return w.process.Process.Signal(syscall.SIGSTOP) }

// Resume ends Pause.
func (w *Webhook) Resume() error { return w.process.Process.Signal(syscall.SIGCONT) }

// Log returns what all processes have written so far.
func (w *Webhook) Log() string { return w.log.String() }

// Address returns the address of the webhooks, as host:port.
func (w *Webhook) Address() string { return w.address }

// MetricsAddress returns the address of the metrics, as host:port.
func (w *Webhook) MetricsAddress() string {
	return strings.TrimSuffix(strings.TrimPrefix(w.metricsURL, "http://"), "/metrics")
}

// Binary returns the path of the program.
func (w *Webhook) Binary() string { return w.binary }

// CertDir returns the path of the folder with the serving certificate.
func (w *Webhook) CertDir() string { return w.certDir }

// Metrics returns the samples by their name and labels, in the format of /metrics.
func (w *Webhook) Metrics(ctx context.Context) (map[string]float64, error) {
	return Metrics(ctx, w.metricsURL)
}

// output collects the output of processes.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(text []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(text)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}
