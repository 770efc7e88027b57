package main

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"

	"ippool-webhook/test/environment"
)

// kubectl is the kubectl of the user or, if the user has none, of the control plane.
type kubectl struct {
	dir string // folder to add to PATH; empty for the kubectl of the user
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
		return kubectl{}, errors.New("cannot find kubectl, neither on PATH nor in the control plane; install kubectl, or run `make control-plane` without KUBEBUILDER_ASSETS")
	}
	return kubectl{dir: filepath.Dir(path)}, nil
}
