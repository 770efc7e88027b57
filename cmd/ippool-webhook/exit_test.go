package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestExitCode(t *testing.T) {
	for _, test := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{errors.New("any"), 2},
		{exitError{errors.New("failed"), exitCheckFailed}, 1},
		{fmt.Errorf("wrapped: %w", exitError{errors.New("failed"), exitCheckFailed}), 1},
	} {
		if got := exitCode(test.err); got != test.want {
			t.Errorf("the exit code of %v is %d, want %d", test.err, got, test.want)
		}
	}
}

// TestDoctorExits checks the exit code of doctor if it cannot reach a cluster, and the exit codes in the help.
func TestDoctorExits(t *testing.T) {
	for _, args := range []string{"--fix", "now", "-o yaml", "--timeout 0s", "--timeout soon", "--kubeconfig /does/not/exist"} {
		_, err := execute(append([]string{"doctor"}, strings.Fields(args)...)...)
		if got := exitCode(err); got != exitNotDone {
			t.Errorf("the exit code of doctor %s is %d, want %d: %v", args, got, exitNotDone, err)
		}
	}
	help, err := execute("doctor", "--help")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"Exit codes: 0 if no check failed", "1 if a check failed", "2 if doctor could not check the cluster"} {
		if !strings.Contains(help, part) {
			t.Errorf("the help does not contain %q:\n%s", part, help)
		}
	}
}
