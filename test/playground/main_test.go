package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// suite is what all tests share.
//
//nolint:gochecknoglobals // the program is built once for all tests, and TestMain has no other way to hand it on
var suite struct {
	bin string // path of a folder with the program, and with what it runs itself: go
}

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) (code int) {
	dir, err := os.MkdirTemp("", "ippool-webhook-test-")
	if err == nil {
		suite.bin = dir
		if err = build(context.Background(), dir); err == nil {
			code = m.Run()
		}
		err = errors.Join(err, os.RemoveAll(dir))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

func build(ctx context.Context, dir string) error {
	out, err := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(dir, "playground"), ".").CombinedOutput()
	if err != nil {
		return fmt.Errorf("cannot build the program: %w: %s", err, out)
	}
	toolchain, err := exec.LookPath("go")
	if err != nil {
		return err
	}
	return os.Symlink(toolchain, filepath.Join(dir, "go"))
}
