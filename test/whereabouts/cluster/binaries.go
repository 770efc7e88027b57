package cluster

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// Binaries are the paths of programs of Whereabouts, built with the versions of libraries in its release.
type Binaries struct {
	Plugin              string // the CNI plugin
	NodeSliceController string
}

// buildBinaries builds the programs, unless the build cache has them. release is the folder of the module that requires them.
func buildBinaries(ctx context.Context, release string) (b Binaries, err error) {
	if b.Plugin, err = goPrints(ctx, release, "tool", "-n", whereaboutsModule+"/cmd"); err != nil {
		return Binaries{}, err
	}
	b.NodeSliceController, err = goPrints(ctx, release, "tool", "-n", whereaboutsModule+"/cmd/nodeslicecontroller")
	return b, err
}

// moduleDir returns the folder with the source of a module that this module requires.
func moduleDir(ctx context.Context, module string) (string, error) {
	// Unlike list, download also fetches a module that is missing.
	if _, err := goPrints(ctx, "", "mod", "download", module); err != nil {
		return "", err
	}
	return goPrints(ctx, "", "list", "-m", "-f", "{{.Dir}}", module)
}

// goPrints runs the go command in a folder, or in this one, and returns its line of output.
func goPrints(ctx context.Context, dir string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, "go", args...) //nolint:gosec // our own arguments
	command.Dir = dir
	said := &bytes.Buffer{}
	command.Stderr = said
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", command, err, said)
	}
	return strings.TrimSpace(string(out)), nil
}
