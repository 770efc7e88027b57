package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"ippool-webhook/test/environment"
	"ippool-webhook/webhook/doctor"
)

// execution is the result of the command.
type execution struct {
	stdout, stderr string
	code           int
}

// execute runs doctor without the kubeconfig and the cluster of the environment of the test.
func execute(ctx context.Context, args ...string) (execution, error) {
	command := exec.CommandContext(ctx, suite.binary, append([]string{"doctor"}, args...)...)
	command.Env = append(os.Environ(), "KUBECONFIG=", "HOME="+suite.dir, "KUBERNETES_SERVICE_HOST=")
	var stdout, stderr strings.Builder
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		return execution{}, err
	}
	return execution{stdout.String(), stderr.String(), command.ProcessState.ExitCode()}, nil
}

// expectation is the expected report. A check that is not named must pass.
type expectation struct {
	check           string
	status          doctor.Status
	message, remedy string                   // parts of the line
	also            map[string]doctor.Status // other checks that do not pass
	code            int
	stderr          string // a part of it; empty for nothing
}

// await runs doctor until the report is as expected: the API server and the webhook take a moment to see a change.
func await(t *testing.T, want expectation, args ...string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context()) // cleanups wait too
	err := environment.Await(ctx, "doctor's "+want.check, func(context.Context) error {
		got, err := execute(ctx, append([]string{"--output", "json"}, args...)...)
		if err != nil {
			return err
		}
		if err := want.compare(got); err != nil {
			return fmt.Errorf("%w\n%s%s", err, got.stdout, got.stderr)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func (want expectation) compare(got execution) error {
	var report doctor.Report
	if err := json.Unmarshal([]byte(got.stdout), &report); err != nil {
		return err
	}
	for _, result := range report.Checks {
		if err := want.compareResult(result); err != nil {
			return err
		}
	}
	if got.code != want.code || !strings.Contains(got.stderr, want.stderr) || want.stderr == "" && got.stderr != "" {
		return fmt.Errorf("exit code %d, want %d; stderr %q", got.code, want.code, got.stderr)
	}
	return nil
}

func (want expectation) compareResult(result doctor.Result) error {
	if result.Name == want.check && (!strings.Contains(result.Message, want.message) || !strings.Contains(result.Remedy, want.remedy)) {
		return fmt.Errorf("%s: %q, remedy %q; want %q, %q", result.Name, result.Message, result.Remedy, want.message, want.remedy)
	}
	if status := want.statusOf(result.Name); result.Status != status {
		return fmt.Errorf("%s: %s, want %s", result.Name, result.Status, status)
	}
	if (result.Status == doctor.Pass) != (result.Remedy == "") {
		return fmt.Errorf("%s: %s with the remedy %q", result.Name, result.Status, result.Remedy)
	}
	return nil
}

// statusOf returns the expected status of a check.
func (want expectation) statusOf(check string) doctor.Status {
	if check == want.check {
		return want.status
	}
	if status, ok := want.also[check]; ok {
		return status
	}
	return doctor.Pass
}

// awaitHealthy waits until every check passes.
func awaitHealthy(t *testing.T) {
	t.Helper()
	await(t, expectation{check: "crd", status: doctor.Pass}, "--kubeconfig", suite.jane)
}
