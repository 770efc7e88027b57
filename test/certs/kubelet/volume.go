// Package kubelet does the work of a kubelet for a mounted Secret.
package kubelet

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// The names that a kubelet uses to replace all files of a volume at once.
const (
	dataLink    = "..data"
	newDataLink = "..data_tmp"
)

// Project writes the files of a volume as a kubelet does for a mounted Secret. Each name is a link to ..data/NAME, and ..data
// is a link to a folder with a time in its name. A rename of the link ..data replaces all files at once. The volume can change
// while a reader opens several files, so the reader can get files of two generations.
func Project(dir string, files map[string][]byte) error {
	generation, err := os.MkdirTemp(dir, time.Now().UTC().Format("..2006_01_02_15_04_05."))
	if err != nil {
		return fmt.Errorf("cannot project into %s: %w", dir, err)
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(generation, name), content, 0o600); err != nil {
			return err
		}
	}
	before, err := os.Readlink(filepath.Join(dir, dataLink))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Symlink(filepath.Base(generation), filepath.Join(dir, newDataLink)); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(dir, newDataLink), filepath.Join(dir, dataLink)); err != nil {
		return err
	}
	if err := link(dir, files); err != nil || before == "" {
		return err
	}
	return os.RemoveAll(filepath.Join(dir, before))
}

// link creates the links of the files in a volume.
func link(dir string, files map[string][]byte) error {
	present, err := filepath.Glob(filepath.Join(dir, "[^.]*"))
	if err != nil {
		return err
	}
	for _, path := range present {
		if _, wanted := files[filepath.Base(path)]; !wanted {
			if err := os.Remove(path); err != nil {
				return err
			}
		}
	}
	for name := range files {
		err := os.Symlink(filepath.Join(dataLink, name), filepath.Join(dir, name))
		if err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
	}
	return nil
}
