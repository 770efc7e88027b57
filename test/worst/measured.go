package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// measured is a process whose CPU time and memory are read from the kernel. It needs Linux.
type measured struct {
	pid int
	// lastMemory is the peak that stopAbove has read last.
	lastMemory int64
}

// cpu returns the CPU time of all threads of the process.
func (m *measured) cpu() (time.Duration, error) {
	const schedulerClock = 2 // CPUCLOCK_SCHED in include/linux/posix-timers.h, for all threads of a process
	var used unix.Timespec
	if err := unix.ClockGettime(int32(^m.pid<<3|schedulerClock), &used); err != nil {
		return 0, fmt.Errorf("cannot read the CPU time of process %d: %w", m.pid, err)
	}
	return time.Duration(used.Nano()), nil
}

// settle waits until the process is almost idle, and returns its CPU time. Otherwise the garbage collection after one request
// would count as cost of the next one.
func (m *measured) settle(ctx context.Context) (time.Duration, error) {
	const (
		interval = 20 * time.Millisecond
		quiet    = interval / 20
		patience = 5 * time.Second
	)
	before, err := m.cpu()
	for deadline := time.Now().Add(patience); err == nil && time.Now().Before(deadline); {
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(interval):
		}
		var now time.Duration
		now, err = m.cpu()
		if now-before < quiet {
			return now, err
		}
		before = now
	}
	return before, err
}

// The names of the memory of a process in /proc/PID/status.
const (
	memoryNow  = "VmRSS:"
	memoryPeak = "VmHWM:"
)

// memory returns the resident memory of the process, in bytes.
func (m *measured) memory(which string) (int64, error) {
	text, err := os.ReadFile(m.file("status"))
	if err != nil {
		return 0, err
	}
	for line := range bytes.Lines(text) {
		fields := bytes.Fields(line)
		if len(fields) == 3 && string(fields[0]) == which {
			kilobytes, err := strconv.ParseInt(string(fields[1]), 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, fmt.Errorf("%s has no line %s", m.file("status"), which)
}

// resetPeak sets the peak of the memory to the present memory. Without permission, the peak remains that since the start of the
// process.
func (m *measured) resetPeak() {
	const peak = "5" // proc_pid_clear_refs(5)
	_ = os.WriteFile(m.file("clear_refs"), []byte(peak), 0)
}

func (m *measured) file(name string) string { return fmt.Sprintf("/proc/%d/%s", m.pid, name) }
