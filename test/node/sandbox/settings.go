package sandbox

import (
	"errors"
	"io/fs"
	"os"
)

// settings returns the settings of the kernel that kubelet changes (pkg/kubelet/cm/container_manager_linux.go, setupKernelTunables).
// The kernel has one value of each for all namespaces.
func settings() []string {
	return []string{
		"/proc/sys/vm/overcommit_memory",
		"/proc/sys/vm/panic_on_oom",
		"/proc/sys/kernel/panic",
		"/proc/sys/kernel/panic_on_oops",
		"/proc/sys/kernel/keys/root_maxkeys",
		"/proc/sys/kernel/keys/root_maxbytes",
	}
}

// keepSettings returns a function that restores the settings of the kernel.
func keepSettings() (restore func() error, err error) {
	values := map[string][]byte{}
	for _, path := range settings() {
		value, err := os.ReadFile(path) //nolint:gosec // a file of the kernel
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		values[path] = value
	}
	return func() error {
		failures := make([]error, 0, len(values))
		for path, value := range values {
			failures = append(failures, os.WriteFile(path, value, 0o644)) //nolint:gosec // a file of the kernel
		}
		return errors.Join(failures...)
	}, nil
}
