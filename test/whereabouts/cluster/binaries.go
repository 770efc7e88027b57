package cluster

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// binariesVariable names a folder with the programs of Whereabouts, for who has built them before.
const binariesVariable = "WHEREABOUTS_BINARIES"

// Binaries are the paths of programs of Whereabouts, built with the versions of libraries that its release names.
type Binaries struct {
	Plugin              string // the CNI plugin
	NodeSliceController string
}

// findBinaries returns the programs, which it builds into dir unless they are given.
func findBinaries(ctx context.Context, release, dir string) (Binaries, error) {
	given := os.Getenv(binariesVariable)
	if given != "" {
		dir = given
	}
	b := Binaries{Plugin: filepath.Join(dir, "whereabouts"), NodeSliceController: filepath.Join(dir, "node-slice-controller")}
	if given != "" {
		return b, nil
	}
	const module = "github.com/k8snetworkplumbingwg/whereabouts"
	for path, command := range map[string]string{b.Plugin: module + "/cmd", b.NodeSliceController: module + "/cmd/nodeslicecontroller"} {
		build := exec.CommandContext(ctx, "go", "build", "-o", path, command) //nolint:gosec // paths are our own
		build.Dir = release
		if out, err := build.CombinedOutput(); err != nil {
			return Binaries{}, fmt.Errorf("cannot build %s: %w\n%s", command, err, out)
		}
	}
	return b, nil
}
