package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"ippool-webhook/test/environment"
	"ippool-webhook/test/golden"
)

// TestPlayground runs the commands that the program prints, and compares them and their output with docs/playground.md.
func TestPlayground(t *testing.T) {
	p := start(t)
	setUp, prompts := readGuide(t, p.read(t, "Ctrl-C"))
	var session strings.Builder
	anywhere := regexp.MustCompile(`'[^']*/`).ReplaceAllString(setUp, "'.../")
	fmt.Fprintf(&session, "```console\n$ make playground # and in another terminal:\n$ %s\n", strings.SplitN(anywhere, "\n", 2)[0])
	for _, prompt := range prompts {
		fmt.Fprintf(&session, "\n%s\n$ %s\n%s", prompt.comment, prompt.command, execute(t, setUp, prompt.command))
	}
	session.WriteString("```")
	golden.Section(t, filepath.Join("..", "..", "docs", "playground.md"), "playground", session.String(), func(s string) string { return s })
	p.expectDescendants(t, "etcd", "ippool-webhook", "kube-apiserver")
	p.expectEnd(t, syscall.SIGINT)
}

// TestInterruptedEarly interrupts the program twice, while it starts its processes.
func TestInterruptedEarly(t *testing.T) {
	p := start(t)
	err := environment.Await(t.Context(), "etcd", func(context.Context) error {
		if all := p.descendants(t); !slices.Contains(all, "etcd") {
			return fmt.Errorf("there are %v", all)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	p.expectEnd(t, syscall.SIGINT, syscall.SIGINT)
}

// TestMissingPrograms checks the messages for a control plane that is absent or incomplete.
func TestMissingPrograms(t *testing.T) {
	assets := t.TempDir()
	expectFailure(t, assets, "cannot find kubectl, neither on PATH nor in the control plane; install kubectl, or run `make control-plane`")
	if err := os.WriteFile(filepath.Join(assets, "kubectl"), nil, 0o700); err != nil {
		t.Fatal(err)
	}
	expectFailure(t, assets, "the control plane has no kube-apiserver: stat "+filepath.Join(assets, "kube-apiserver")+": no such file or directory; run `make control-plane`")
}

func expectFailure(t *testing.T, assets, message string) {
	t.Helper()
	out, err := program(t, "KUBEBUILDER_ASSETS="+assets).CombinedOutput()
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(string(out), "playground: "+message) {
		t.Errorf("%v, %q, want exit code 1 and %q", err, out, message)
	}
}

// prompt is a command to try, and the comment before it.
type prompt struct{ comment, command string }

// readGuide returns the commands that configure kubectl, and the commands to try.
func readGuide(t *testing.T, guide string) (setUp string, prompts []prompt) {
	t.Helper()
	numbered := regexp.MustCompile(`^# \d\. `)
	for paragraph := range strings.SplitSeq(guide, "\n\n") {
		comment, command, _ := strings.Cut(paragraph, "\n")
		switch {
		case strings.HasPrefix(paragraph, "export "):
			setUp = paragraph
		case numbered.MatchString(comment):
			prompts = append(prompts, prompt{comment, command})
		}
	}
	if setUp == "" || len(prompts) != 5 {
		t.Fatalf("want commands that configure kubectl, and 5 commands to try, in:\n%s", guide)
	}
	return setUp, prompts
}

// execute runs a command as a user pastes it, and returns its output.
func execute(t *testing.T, setUp, command string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "bash", "-c", setUp+"\n"+command).CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		t.Fatalf("%v: %s", err, out) // 1 is a denial
	}
	return string(out)
}
