// Package sandbox runs a program in Linux namespaces of its own: processes, mounts, networks, IPC and host name. What the program
// starts, mounts and configures there ends with the namespaces, even if the program is killed. It needs root.
package sandbox

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
)

const (
	// stage names the variable that tells a process of this program its place in the sandbox.
	stage = "IPPOOL_NODE_STAGE"
	// runDir names the variable with the folder of the run.
	runDir = "IPPOOL_NODE_DIR"

	stageInit   = "init"
	stageInside = "inside"
)

// Main runs inside in a sandbox, and returns its exit code. The process starts the same program twice: as process 1 of the sandbox,
// which waits for processes that lost their parent, and as the process that calls inside. It must be called at the start of main,
// because it also handles these two processes.
func Main(inside func(Run) int) int {
	var err error
	code := 0
	switch os.Getenv(stage) {
	case stageInit:
		code, err = reap()
	case stageInside:
		return inside(Run{Dir: os.Getenv(runDir)})
	default:
		code, err = outside()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "node:", err)
		return 2
	}
	return code
}

// Run is a run in a sandbox.
type Run struct {
	// Dir is the path of the folder of the run, which is removed at its end.
	Dir string
}

// Cgroup returns the path of the cgroup of the run in each hierarchy.
func (r Run) Cgroup() string { return cgroupOf(r.Dir) }

// outside creates the sandbox, waits for its end, and removes what is left.
func outside() (code int, err error) {
	if os.Geteuid() != 0 {
		return 0, errors.New("a node needs root: run it as root, on Linux")
	}
	dir, unlock, err := newDir()
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if err := saveSettings(dir); err != nil {
		return 0, err
	}
	if err := createCgroup(cgroupOf(dir)); err != nil {
		return 0, err
	}
	code, err = startAgain(stageInit, dir, &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNS | syscall.CLONE_NEWNET | syscall.CLONE_NEWIPC | syscall.CLONE_NEWUTS,
		Pdeathsig:  syscall.SIGKILL, // the kernel then kills every process of the sandbox
	})
	return code, errors.Join(err, removeCgroup(cgroupOf(dir)), restoreSettings(dir))
}

// reap is process 1 of the sandbox. It prepares the sandbox, starts the last process, and returns its exit code.
func reap() (int, error) {
	if err := mountAll(os.Getenv(runDir)); err != nil {
		return 0, err
	}
	if err := configureNetwork(); err != nil {
		return 0, err
	}
	return startAgain(stageInside, os.Getenv(runDir), nil)
}

// startAgain starts this program again as another stage, and returns its exit code. Until then, it waits for all children, and
// forwards signals.
func startAgain(next, dir string, attributes *syscall.SysProcAttr) (int, error) {
	runtime.LockOSThread() // Pdeathsig is about the thread that starts the process
	defer runtime.UnlockOSThread()
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	child := exec.Command(self, os.Args[1:]...) //nolint:gosec,noctx // this program; signals stop it
	child.Env = append(os.Environ(), stage+"="+next, runDir+"="+dir)
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
	child.SysProcAttr = attributes
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	defer signal.Stop(signals)
	if err := child.Start(); err != nil {
		return 0, fmt.Errorf("cannot start the sandbox: %w", err)
	}
	go func() {
		for received := range signals {
			_ = child.Process.Signal(received) // the child may have ended
		}
	}()
	return waitFor(child.Process.Pid)
}

// waitFor waits for a child, and for every other child that ends before it. It returns the exit code.
func waitFor(pid int) (int, error) {
	for {
		var status syscall.WaitStatus
		ended, err := syscall.Wait4(-1, &status, 0, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
		case err != nil:
			return 0, err
		case ended == pid && status.Signaled():
			return 128 + int(status.Signal()), nil
		case ended == pid:
			return status.ExitStatus(), nil
		}
	}
}
