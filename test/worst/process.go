package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// process is a running server.
type process struct {
	*measured
	command *exec.Cmd
	dir     string // directory of its certificate
	address string // host:port of the webhooks
	tls     *tls.Config
	log     *logTail
	ended   chan struct{} // closed when the server has ended
}

// startProcess starts a server and returns when it is ready. It runs until stop, or until ctx ends.
func (o *options) startProcess(ctx context.Context, gomaxprocs int) (*process, error) {
	dir, err := os.MkdirTemp("", "worst-")
	if err != nil {
		return nil, err
	}
	p := &process{dir: dir, log: &logTail{}, ended: make(chan struct{})}
	ports, err := freePorts(2)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	health := net.JoinHostPort("127.0.0.1", ports[1])
	p.address = net.JoinHostPort("127.0.0.1", ports[0])
	p.command = exec.CommandContext(ctx, o.binary, "serve", "--cert-source", "dev", "--cert-dir", dir, //nolint:gosec // the user selects the program
		"--bind-address", "127.0.0.1", "--port", ports[0], "--metrics-bind-address", "0", "--health-probe-bind-address", health)
	p.command.Env = append(append(os.Environ(), o.shipped.environment...), "GOMAXPROCS="+strconv.Itoa(gomaxprocs))
	p.command.Stdout, p.command.Stderr = p.log, p.log
	p.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C must end only this program, which then ends the server
	if err := p.command.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("cannot start the server: %w", err), os.RemoveAll(dir))
	}
	p.measured = &measured{pid: p.command.Process.Pid}
	go func() {
		defer close(p.ended)
		_ = p.command.Wait() // hasEnded reports an unexpected end, with the log
	}()
	err = p.awaitReady(ctx, "http://"+health+"/readyz")
	if err == nil {
		err = p.trust()
	}
	if err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

// stop kills the server.
func (p *process) stop() {
	_ = p.command.Process.Kill() // fails if the server has ended
	<-p.ended
	_ = os.RemoveAll(p.dir) // if this fails, the files stay in the folder for temporary files
}

// stopAbove kills the server if its memory exceeds a limit, and reports whether it did so. It returns when ctx ends.
func (p *process) stopAbove(ctx context.Context, limit int64) bool {
	for {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(20 * time.Millisecond):
		}
		peak, err := p.memory(memoryPeak)
		if err != nil {
			return false // the server has ended
		}
		p.lastMemory = peak
		if peak > limit {
			_ = p.command.Process.Kill() // fails if the server has ended
			return true
		}
	}
}

// hasEnded returns an error if the server has ended by itself.
func (p *process) hasEnded() error {
	select {
	case <-p.ended:
		return fmt.Errorf("the server has ended: %s; the end of its log:\n%s", p.command.ProcessState, p.log)
	default:
		return nil
	}
}

// awaitReady waits until the server reports ready.
func (p *process) awaitReady(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the server does not report ready: %w; the end of its log:\n%s", ctx.Err(), p.log)
		case <-p.ended:
			return p.hasEnded()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// trust makes clients trust the certificate that the server has created at its start.
func (p *process) trust() error {
	ca, err := os.ReadFile(filepath.Join(p.dir, "ca.crt"))
	if err != nil {
		return fmt.Errorf("cannot read the CA of the server: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		return errors.New("the file ca.crt of the server has no certificate")
	}
	p.tls = &tls.Config{RootCAs: roots, ServerName: "localhost", MinVersion: tls.VersionTLS12}
	return nil
}

// freePorts returns ports of the loopback interface that no process listens on.
func freePorts(n int) ([]string, error) {
	ports := make([]string, n)
	for i := range ports {
		listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // returns immediately
		if err != nil {
			return nil, err
		}
		defer func() { _ = listener.Close() }() // all listeners stay open until the end, so that the ports differ
		if _, ports[i], err = net.SplitHostPort(listener.Addr().String()); err != nil {
			return nil, err
		}
	}
	return ports, nil
}

// logTail keeps the end of the log of the server.
type logTail struct {
	mu   sync.Mutex
	text []byte
}

// Write implements io.Writer.
func (l *logTail) Write(text []byte) (int, error) {
	const keep = 4 << 10
	l.mu.Lock()
	defer l.mu.Unlock()
	end := text[max(0, len(text)-keep):]
	l.text = append(l.text[max(0, len(l.text)+len(end)-keep):], end...)
	return len(text), nil
}

// String returns the end of the log.
func (l *logTail) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}
