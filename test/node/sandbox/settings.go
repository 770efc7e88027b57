package sandbox

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
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

// settingsFile returns the path of the file with the settings before a run. If the run is killed, the next one restores them.
func settingsFile(dir string) string { return filepath.Join(dir, "settings.json") }

// saveSettings stores the settings of the kernel in the folder of a run.
func saveSettings(dir string) error {
	values := map[string]string{}
	for _, path := range settings() {
		value, err := os.ReadFile(path) //nolint:gosec // a file of the kernel
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		values[path] = string(value)
	}
	text, err := json.Marshal(values)
	if err != nil {
		return err
	}
	return os.WriteFile(settingsFile(dir), text, 0o600)
}

// restoreSettings restores the settings of the kernel that are stored in the folder of a run, if there are any.
func restoreSettings(dir string) error {
	text, err := os.ReadFile(settingsFile(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var values map[string]string
	if err := json.Unmarshal(text, &values); err != nil {
		return err
	}
	failures := make([]error, 0, len(values))
	for path, value := range values {
		failures = append(failures, os.WriteFile(path, []byte(value), 0o644)) //nolint:gosec // a file of the kernel
	}
	return errors.Join(failures...)
}
