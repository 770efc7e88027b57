package sandbox

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/vishvananda/netlink"
	"k8s.io/apimachinery/pkg/util/wait"
)

// TestMain lets the test program be each process of a sandbox, as the command node is.
func TestMain(m *testing.M) {
	if os.Getenv(stage) != "" || os.Getenv(asSandbox) != "" {
		os.Exit(Main(leaveTraces))
	}
	os.Exit(m.Run())
}

// asSandbox names the variable that makes the test program a sandbox. Its value says how leaveTraces ends.
const asSandbox = "IPPOOL_NODE_TEST"

const (
	untilSignal = "signal"
	withCode    = "code"
)

// leaveTraces leaves what a node leaves: a process without a parent, in a cgroup of its own, a mount, a link and a changed setting.
func leaveTraces(r Run) int {
	if err := leave(r); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println("ready", r.Dir)
	if os.Getenv(asSandbox) == withCode {
		return 7
	}
	_ = syscall.Pause() // until a signal ends the process
	return 0
}

func leave(r Run) error {
	roots, err := hierarchies()
	if err != nil {
		return err
	}
	child := filepath.Join(roots[0], r.Cgroup(), "pod")
	script := fmt.Sprintf("mkdir -p %[1]s && (setsid sleep 1000 >/dev/null 2>&1 & echo $! > %[1]s/cgroup.procs)", child)
	if out, err := exec.CommandContext(context.Background(), "sh", "-c", script).CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	if err := mount("tmpfs", "/mnt", "tmpfs", 0, ""); err != nil {
		return err
	}
	if err := netlink.LinkAdd(&netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: "left0"}}); err != nil {
		return err
	}
	return os.WriteFile(settings()[0], []byte("1"), 0o600)
}

// TestNothingIsLeft ends sandboxes in all ways. Each must leave the machine as it was.
func TestNothingIsLeft(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Fatal("a sandbox needs root: run the tests with `make e2e-node`")
	}
	for _, test := range []struct {
		name   string
		how    string
		signal os.Signal // nil if the program ends by itself
		code   int
		next   bool // the next sandbox removes the folder and the cgroup
	}{
		{"the program ends", withCode, nil, 7, false},
		{"Ctrl-C", untilSignal, os.Interrupt, 128 + int(syscall.SIGINT), false},
		{"SIGTERM", untilSignal, syscall.SIGTERM, 128 + int(syscall.SIGTERM), false},
		{"SIGKILL", untilSignal, syscall.SIGKILL, -1, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := look(t)
			s := startSandbox(t, test.how)
			if test.signal != nil {
				if err := s.Process.Signal(test.signal); err != nil {
					t.Fatal(err)
				}
			}
			if code := s.wait(t); code != test.code {
				t.Errorf("exit code %d: must be %d", code, test.code)
			}
			awaitProcesses(t, s.dir)
			if test.next {
				startSandbox(t, withCode).wait(t)
			}
			if diff := cmp.Diff(before, look(t)); diff != "" {
				t.Errorf("the machine is not as before (-before +after):\n%s", diff)
			}
		})
	}
}

// TestIsolated checks that nothing of a running sandbox appears outside of it, except its folder and its cgroup.
func TestIsolated(t *testing.T) {
	before := look(t)
	s := startSandbox(t, untilSignal)
	now := look(t)
	if diff := cmp.Diff(before.Mounts, now.Mounts) + cmp.Diff(before.Links, now.Links); diff != "" {
		t.Errorf("the machine has changed (-before +now):\n%s", diff)
	}
	if len(now.Dirs) != len(before.Dirs)+1 || len(now.Cgroups) <= len(before.Cgroups) {
		t.Errorf("folders %q and cgroups %q: must have those of the sandbox", now.Dirs, now.Cgroups)
	}
	_ = s.Process.Signal(os.Interrupt)
	s.wait(t)
}

// running is a sandbox that has left its traces.
type running struct {
	*exec.Cmd
	dir string
}

func startSandbox(t *testing.T, how string) *running {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), self)
	command.Env = append(os.Environ(), asSandbox+"="+how)
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	dir, found := strings.CutPrefix(strings.TrimSpace(line), "ready ")
	if err != nil || !found {
		t.Fatalf("the sandbox has printed %q: %v", line, err)
	}
	return &running{command, dir}
}

// wait returns the exit code, which is -1 after SIGKILL.
func (s *running) wait(t *testing.T) int {
	t.Helper()
	var exit *exec.ExitError
	if err := s.Wait(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return s.ProcessState.ExitCode()
}

// machine is what a sandbox could leave.
type machine struct {
	Dirs, Cgroups, Mounts, Links []string
	Setting                      string
}

func look(t *testing.T) machine {
	t.Helper()
	links, err := netlink.LinkList()
	if err != nil {
		t.Fatal(err)
	}
	var m machine
	for _, link := range links {
		m.Links = append(m.Links, link.Attrs().Name)
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(mounts)) {
		m.Mounts = append(m.Mounts, strings.Fields(line)[4])
	}
	setting, err := os.ReadFile(settings()[0])
	if err != nil {
		t.Fatal(err)
	}
	m.Setting = string(setting)
	m.Dirs, _ = filepath.Glob(filepath.Join(os.TempDir(), prefix+"*"))
	m.Cgroups = cgroupsOf(t)
	return m
}

// cgroupsOf returns the cgroups of all sandboxes.
func cgroupsOf(t *testing.T) (found []string) {
	t.Helper()
	roots, err := hierarchies()
	if err != nil {
		t.Fatal(err)
	}
	for _, root := range roots {
		dirs, _ := filepath.Glob(filepath.Join(root, prefix+"*"))
		found = append(found, dirs...)
	}
	return found
}

// awaitProcesses awaits that the cgroup of a sandbox has no process. After SIGKILL, the kernel ends them.
func awaitProcesses(t *testing.T, dir string) {
	t.Helper()
	roots, err := hierarchies()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(roots[0], cgroupOf(dir), "pod", "cgroup.procs")
	err = wait.PollUntilContextTimeout(t.Context(), 10*time.Millisecond, time.Minute, true, func(context.Context) (bool, error) {
		text, err := os.ReadFile(path)
		return len(text) == 0, ignoreMissing(err)
	})
	if err != nil {
		t.Errorf("processes are left: %v", err)
	}
}

func ignoreMissing(err error) error {
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ENODEV) {
		return nil
	}
	return err
}
