package sandbox

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// mountAll gives the sandbox folders of its own, so that the programs of a node can use their usual paths, and manifests with such
// paths work unchanged. Changes of the files of the machine are stored in the folder of the run.
func mountAll(dir string) error {
	// Mounts of the machine appear in the sandbox, but not the other way around.
	if err := mount("", "/", "", syscall.MS_REC|syscall.MS_SLAVE, ""); err != nil {
		return err
	}
	if err := mount("proc", "/proc", "proc", 0, ""); err != nil {
		return err
	}
	for _, path := range []string{"/etc", "/opt", "/var/lib", "/var/log"} {
		if err := mountOverlay(path, filepath.Join(dir, "files", path)); err != nil {
			return err
		}
	}
	if err := mount("tmpfs", "/run", "tmpfs", 0, "mode=755"); err != nil {
		return err
	}
	// containerd mounts the layers of images as overlays, which cannot have another overlay below them.
	for _, path := range []string{"/var/lib/containerd", "/var/lib/kubelet"} {
		source := filepath.Join(dir, filepath.Base(path))
		if err := os.MkdirAll(source, 0o755); err != nil { //nolint:gosec // as on a node
			return err
		}
		if err := os.MkdirAll(path, 0o755); err != nil { //nolint:gosec // as on a node
			return err
		}
		if err := mount(source, path, "", syscall.MS_BIND, ""); err != nil {
			return err
		}
	}
	// Containers with mount propagation need shared mounts.
	return mount("", "/", "", syscall.MS_REC|syscall.MS_SHARED, "")
}

// mountOverlay stores changes of a folder of the machine in another.
func mountOverlay(path, changes string) error {
	upper, work := filepath.Join(changes, "upper"), filepath.Join(changes, "work")
	for _, dir := range []string{upper, work} {
		if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // as on a node
			return err
		}
	}
	return mount("overlay", path, "overlay", 0, "lowerdir="+path+",upperdir="+upper+",workdir="+work)
}

func mount(source, target, kind string, flags uintptr, data string) error {
	if err := syscall.Mount(source, target, kind, flags, data); err != nil {
		return fmt.Errorf("cannot mount %s: %w", target, err)
	}
	return nil
}
