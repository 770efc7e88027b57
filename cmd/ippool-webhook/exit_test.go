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
		{errors.New("any"), 1},
		{exitError{errors.New("failed"), checkFailed}, 1},
		{fmt.Errorf("wrapped: %w", unexamined(errors.New("no kubeconfig"))), 2},
	} {
		if got := exitCode(test.err); got != test.want {
			t.Errorf("%v ends with %d, want %d", test.err, got, test.want)
		}
	}
}

// TestDoctorExits has doctor end before it reaches a cluster, and reads in its help which code that is.
func TestDoctorExits(t *testing.T) {
	for _, args := range []string{"--fix", "now", "-o yaml", "--timeout 0s", "--timeout soon", "--kubeconfig /does/not/exist"} {
		_, err := execute(append([]string{"doctor"}, strings.Fields(args)...)...)
		if got := exitCode(err); got != notExamined {
			t.Errorf("doctor %s ends with %d, %v", args, got, err)
		}
	}
	help, err := execute("doctor", "--help")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"Exit codes: 0 where no check failed", "1 where a check failed", "2 where doctor could not do its work"} {
		if !strings.Contains(help, part) {
			t.Errorf("%q is not in\n%s", part, help)
		}
	}
}
