package cluster

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// restartDelay is the time until a component that has ended is started again, so that one that cannot start does not use the
// processor all the time.
const restartDelay = time.Second

// component is a program of the node. It is started again whenever it ends, as an init system does. It ends with the sandbox.
type component struct {
	command      []string
	log, pidFile string // paths
}

// start starts a component. Its log and the number of its process are files in dir.
func start(dir, name string, command ...string) (*component, error) {
	c := &component{command: command, log: filepath.Join(dir, name+".log"), pidFile: filepath.Join(dir, name+".pid")}
	process, err := c.launch()
	if err != nil {
		return nil, fmt.Errorf("cannot start %s: %w", name, err)
	}
	go c.supervise(process)
	return c, nil
}

// launch starts the process once.
func (c *component) launch() (*exec.Cmd, error) {
	log, err := os.OpenFile(c.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()                                       //nolint:errcheck // the process has its own copy
	process := exec.Command(c.command[0], c.command[1:]...) //nolint:gosec,noctx // our own programs, which end with the sandbox
	process.Stdout, process.Stderr = log, log
	process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C in a terminal is not for the components
	if err := process.Start(); err != nil {
		return nil, err
	}
	return process, os.WriteFile(c.pidFile, []byte(strconv.Itoa(process.Process.Pid)), 0o600)
}

// supervise starts the process again whenever it ends. If that fails, the log has the reason.
func (c *component) supervise(process *exec.Cmd) {
	for {
		end := process.Wait()
		time.Sleep(restartDelay)
		next, err := c.launch()
		if err != nil {
			c.note(errors.Join(end, err))
			return
		}
		process = next
	}
}

// note appends an error to the log.
func (c *component) note(err error) {
	if log, openErr := os.OpenFile(c.log, os.O_APPEND|os.O_WRONLY, 0o600); openErr == nil {
		_, _ = fmt.Fprintln(log, "node:", err)
		_ = log.Close()
	}
}

// failure returns an error with the end of the log.
func (c *component) failure(err error) error {
	text, readErr := os.ReadFile(c.log)
	if readErr != nil {
		return errors.Join(err, readErr)
	}
	const most = 4000
	if len(text) > most {
		text = text[len(text)-most:]
	}
	return fmt.Errorf("%w\n%s ends with:\n%s", err, filepath.Base(c.log), text)
}
