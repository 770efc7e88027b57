package cluster

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Binaries are the paths of programs of Whereabouts. They are built with the library versions of its release.
type Binaries struct {
	Plugin              string // the CNI plugin
	NodeSliceController string
}

// buildBinaries builds the programs, unless the build cache has them. release is the folder of the module that requires them. The
// environment variable WHEREABOUTS_VERSION, such as v0.9.2, selects another version.
func buildBinaries(ctx context.Context, release string) (b Binaries, err error) {
	if b.Plugin, err = goOutput(ctx, release, "tool", "-n", whereaboutsModule+"/cmd"); err != nil {
		return Binaries{}, err
	}
	b.NodeSliceController, err = goOutput(ctx, release, "tool", "-n", whereaboutsModule+"/cmd/nodeslicecontroller")
	return b, err
}

// moduleDir returns the folder with the source of a module that this module requires.
func moduleDir(ctx context.Context, module string) (string, error) {
	// Unlike list, download also fetches a module that is missing.
	if _, err := goOutput(ctx, "", "mod", "download", module); err != nil {
		return "", err
	}
	return goOutput(ctx, "", "list", "-m", "-f", "{{.Dir}}", module)
}

// goOutput runs the go command in a folder, or in the current one if dir is empty, and returns its output in one line.
func goOutput(ctx context.Context, dir string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, "go", args...) //nolint:gosec // our own arguments
	command.Dir = dir
	if version := os.Getenv("WHEREABOUTS_VERSION"); version != "" && dir != "" {
		command.Env = append(os.Environ(), "GOFLAGS=-modfile="+version+".mod") // instead of the file of this module, which make sets
	}
	messages := &bytes.Buffer{}
	command.Stderr = messages
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", command, err, messages)
	}
	return strings.TrimSpace(string(out)), nil
}
