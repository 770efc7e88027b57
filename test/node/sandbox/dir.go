package sandbox

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// prefix is the start of the name of each folder of a run, and of its cgroup.
const prefix = "ippool-node-"

// newDir creates the folder of a run and locks it. It removes what earlier runs have left that were killed: their lock is gone. unlock removes the folder.
func newDir() (dir string, unlock func() error, err error) {
	if err := removeAbandoned(); err != nil {
		return "", nil, err
	}
	dir, err = os.MkdirTemp("", prefix)
	if err != nil {
		return "", nil, err
	}
	lock, err := lockDir(dir)
	if err != nil {
		return "", nil, err
	}
	return dir, func() error { return errors.Join(os.RemoveAll(dir), lock.Close()) }, nil
}

// lockDir locks a folder until the file is closed, or the process ends.
func lockDir(dir string) (*os.File, error) {
	lock, err := os.Open(dir) //nolint:gosec // our own folder
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}

func removeAbandoned() error {
	dirs, err := filepath.Glob(filepath.Join(os.TempDir(), prefix+"*"))
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		lock, err := lockDir(dir)
		if errors.Is(err, syscall.EWOULDBLOCK) {
			continue // of a run that is alive
		}
		if err != nil {
			return err
		}
		if err := errors.Join(removeCgroup(cgroupOf(dir)), restoreSettings(dir), os.RemoveAll(dir), lock.Close()); err != nil {
			return err
		}
	}
	return nil
}
