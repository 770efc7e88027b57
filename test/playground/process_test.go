package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// process is the program as a terminal runs it: in a process group of its own, to which Ctrl-C goes.
type process struct {
	*exec.Cmd
	temp   string // for all its temporary files, and those of the processes that it starts
	output io.Reader
	said   bytes.Buffer // all that was read of output
	errors bytes.Buffer
}

// program returns the program. It does not find kubectl on PATH, so it uses that of the control plane.
func program(t *testing.T, environ ...string) *exec.Cmd {
	t.Helper()
	command := exec.CommandContext(context.WithoutCancel(t.Context()), filepath.Join(suite.bin, "playground")) // it ends by a signal
	command.Env = append(append(os.Environ(), "PATH="+suite.bin), environ...)
	return command
}

func start(t *testing.T) *process {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("requires Linux: finds remaining processes in /proc")
	}
	p := &process{temp: t.TempDir()}
	p.Cmd = program(t, "TMPDIR="+p.temp)
	p.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.Stderr = &p.errors
	output, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.output = io.TeeReader(output, &p.said)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.ProcessState == nil { // the test has failed before
			_ = p.end(syscall.SIGTERM)
		}
	})
	return p
}

// read reads what the program prints, up to a line that begins as the last one.
func (p *process) read(t *testing.T, last string) string {
	t.Helper()
	lines := bufio.NewScanner(p.output)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), last) {
			return p.said.String()
		}
	}
	t.Fatalf("the program has said no line %q, but: %s", last, &p.said)
	return ""
}

// expectEnd sends signals to the process group, and expects that the program ends well and leaves nothing behind.
func (p *process) expectEnd(t *testing.T, signals ...syscall.Signal) {
	t.Helper()
	if err := p.end(signals...); err != nil {
		t.Errorf("the program ended with: %v; it has said: %s%s", err, &p.said, &p.errors)
	}
	if left := p.descendants(t); len(left) > 0 {
		t.Errorf("processes are left behind: %v", left)
	}
	files, err := os.ReadDir(p.temp)
	if err != nil || len(files) > 0 {
		t.Errorf("files are left behind: %v, %v", files, err)
	}
}

// end sends signals and returns how the program ends.
func (p *process) end(signals ...syscall.Signal) error {
	for _, signal := range signals {
		if err := syscall.Kill(-p.Process.Pid, signal); err != nil {
			return err
		}
	}
	_, err := io.Copy(io.Discard, p.output) // Wait requires that the output was read to its end
	return errors.Join(err, p.Wait())
}

// expectDescendants expects that the program has started these, and that they run.
func (p *process) expectDescendants(t *testing.T, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, p.descendants(t)); diff != "" {
		t.Errorf("processes (-want +got):\n%s", diff)
	}
}

// descendants returns the names of all processes but the program itself that have its folder for temporary files, which
// nobody else has: who started them may be gone.
func (p *process) descendants(t *testing.T) []string {
	t.Helper()
	environs, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, path := range environs {
		environ, err := os.ReadFile(path)
		if err != nil || !slices.Contains(strings.Split(string(environ), "\x00"), "TMPDIR="+p.temp) {
			continue // another's, or gone meanwhile
		}
		name, err := os.ReadFile(filepath.Join(filepath.Dir(path), "comm"))
		if err == nil && filepath.Dir(path) != fmt.Sprintf("/proc/%d", p.Process.Pid) {
			names = append(names, strings.TrimSpace(string(name)))
		}
	}
	slices.Sort(names)
	return names
}
