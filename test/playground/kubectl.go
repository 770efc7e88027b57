package main

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"

	"ippool-webhook/test/environment"
)

// kubectl is the one to try things with: the user's own, or the control plane's.
type kubectl struct {
	dir string // to be put on PATH; empty for the user's own
}

func findKubectl(ctx context.Context) (kubectl, error) {
	if _, err := exec.LookPath("kubectl"); err == nil {
		return kubectl{}, nil
	}
	files, err := environment.FindFiles(ctx)
	if err != nil {
		return kubectl{}, err
	}
	path, ok := files.Kubectl()
	if !ok {
		return kubectl{}, errors.New("there is no kubectl, neither on PATH nor in the control plane; install one, or run `make control-plane` without KUBEBUILDER_ASSETS")
	}
	return kubectl{dir: filepath.Dir(path)}, nil
}
