package sandbox

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

const cgroups = "/sys/fs/cgroup"

// cgroupOf returns the cgroup of the run with a folder. It is the same path in each hierarchy.
func cgroupOf(dir string) string { return "/" + filepath.Base(dir) }

// hierarchies returns the folders that have cgroups: one with cgroup v2, and one for each controller with cgroup v1.
func hierarchies() ([]string, error) {
	if _, err := os.Stat(filepath.Join(cgroups, "cgroup.controllers")); err == nil {
		return []string{cgroups}, nil
	}
	found, err := filepath.Glob(filepath.Join(cgroups, "*", "cgroup.procs"))
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, errors.New("a node needs cgroups, but " + cgroups + " has none")
	}
	var dirs []string
	for _, path := range found {
		dirs = append(dirs, filepath.Dir(path))
	}
	return dirs, nil
}

// createCgroup creates the cgroup under which kubelet creates those of pods.
func createCgroup(path string) error {
	roots, err := hierarchies()
	if err != nil {
		return err
	}
	for _, root := range roots {
		if err := os.Mkdir(filepath.Join(root, path), 0o755); err != nil { //nolint:gosec // a folder of the kernel
			return err
		}
	}
	if len(roots) > 1 {
		return nil
	}
	return delegate(roots[0], filepath.Join(roots[0], path))
}

// delegate enables all controllers of a cgroup v2 for the cgroups below another.
func delegate(root, dir string) error {
	controllers, err := os.ReadFile(filepath.Join(root, "cgroup.controllers")) //nolint:gosec // a file of the kernel
	if err != nil {
		return err
	}
	enable := "+" + strings.Join(strings.Fields(string(controllers)), " +")
	for _, dir := range []string{root, dir} {
		if err := os.WriteFile(filepath.Join(dir, "cgroup.subtree_control"), []byte(enable), 0o600); err != nil { //nolint:gosec // a file of the kernel
			return err
		}
	}
	return nil
}

// removeCgroup removes a cgroup with all cgroups below it. Their processes have been killed, but may not have ended yet.
func removeCgroup(path string) error {
	roots, err := hierarchies()
	if err != nil {
		return err
	}
	deadline := time.Now().Add(time.Minute)
	for _, root := range roots {
		for {
			err := removeTree(filepath.Join(root, path))
			if err == nil {
				break
			}
			if !errors.Is(err, syscall.EBUSY) || time.Now().After(deadline) {
				return fmt.Errorf("cannot remove the cgroup of the node: %w", err)
			}
			time.Sleep(10 * time.Millisecond) // the kernel does not report when a cgroup is empty
		}
	}
	return nil
}

// removeTree removes a folder of cgroups. Their files cannot be removed, and disappear with the folder.
func removeTree(root string) error {
	var dirs []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			dirs = append(dirs, path)
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, dir := range slices.Backward(dirs) {
		err = errors.Join(err, syscall.Rmdir(dir))
	}
	return err
}
