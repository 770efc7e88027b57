// Package kubelet stands in for a kubelet as far as a mounted Secret goes.
package kubelet

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// The names by which a kubelet swaps all files of a volume at once.
const (
	dataLink    = "..data"
	newDataLink = "..data_tmp"
)

// Project makes files those of a volume, laid out as a kubelet lays out a mounted Secret: each name is a link to
// ..data/NAME, ..data is a link to a folder with a time for a name, and a new folder takes the place of the old one by the
// rename of a link. Whoever reads sees all of the old files or all of the new ones, as long as it opens them within one
// generation; to open two files takes two steps, between which the volume can change.
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

// link makes the names in a volume those of files.
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
