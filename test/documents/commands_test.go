package documents

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	block    = regexp.MustCompile("(?ms)^( *)```(sh|bash|console)\n(.*?)^ *```$")
	inline   = regexp.MustCompile("`([^`\n]+)`")
	makeCall = regexp.MustCompile(`(?m)\bmake ((?:[A-Z_]+='?[^ ]* )*)([a-z][a-z0-9-]*)`)
	ownCall  = regexp.MustCompile(`(?m)^(?:bin/)?ippool-webhook ([a-z-]+)([^|\n]*)`)
	flag     = regexp.MustCompile(`(?:^|\s)(--?[a-z][a-z-]*)`)
	ownPath  = regexp.MustCompile(`(?:^|[\s(@=])((?:manifests|test|docs)/[A-Za-z0-9_./-]*[A-Za-z0-9_-])`)
	target   = regexp.MustCompile(`(?m)^([a-z0-9-]+):`)
)

// command is a command of a document.
type command struct{ at, text string }

// TestCommandsAreShell has bash read the commands of the documents.
func TestCommandsAreShell(t *testing.T) {
	for _, c := range shellCommands(t) {
		bash := exec.CommandContext(t.Context(), "bash", "-n")
		bash.Stdin = strings.NewReader(c.text)
		if out, err := bash.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: bash cannot read the command: %v: %s\n%s", c.at, err, out, c.text)
		}
	}
}

// TestCommandsExist checks the targets of make, the subcommands and flags of ippool-webhook, and the paths in the commands of the
// documents. Other tests run the commands that change a cluster.
func TestCommandsExist(t *testing.T) {
	binary := build(t)
	var targets []string
	for _, found := range target.FindAllStringSubmatch(read(t, filepath.Join(root, "Makefile")), -1) {
		targets = append(targets, found[1])
	}
	helps := map[string]string{}
	for _, c := range append(shellCommands(t), inlineCommands(t)...) {
		for _, found := range makeCall.FindAllStringSubmatch(c.text, -1) {
			if !slices.Contains(targets, found[2]) {
				t.Errorf("%s: the Makefile has no target %s", c.at, found[2])
			}
		}
		for _, found := range ownCall.FindAllStringSubmatch(c.text, -1) {
			for _, problem := range unsupported(t, binary, helps, found[1], found[2]) {
				t.Errorf("%s: ippool-webhook %s has no %s", c.at, found[1], problem)
			}
		}
		for _, found := range ownPath.FindAllStringSubmatch(c.text, -1) {
			if _, err := os.Stat(filepath.Join(root, found[1])); err != nil {
				t.Errorf("%s: %v", c.at, err)
			}
		}
	}
	if len(helps) < 3 {
		t.Errorf("the documents call %d subcommands; at least 3 were expected", len(helps))
	}
}

// unsupported returns what a call of ippool-webhook has and the binary does not: "subcommand", or flags.
func unsupported(t *testing.T, binary string, helps map[string]string, subcommand, arguments string) []string {
	t.Helper()
	help, ok := helps[subcommand]
	if !ok {
		out, err := exec.CommandContext(t.Context(), binary, subcommand, "--help").CombinedOutput()
		if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) { // an unknown command is an error
			t.Fatal(err)
		}
		help = string(out)
		helps[subcommand] = help
	}
	if !strings.Contains(help, "ippool-webhook "+subcommand) || strings.Contains(help, "unknown command") {
		return []string{"subcommand"}
	}
	var problems []string
	arguments, _, _ = strings.Cut(arguments, " #")
	for _, found := range flag.FindAllStringSubmatch(arguments, -1) {
		if !regexp.MustCompile(`(?m)(^|\s|, )` + found[1] + `\b`).MatchString(help) {
			problems = append(problems, found[1])
		}
	}
	return problems
}

// TestUnsupported checks that a wrong call is found.
func TestUnsupported(t *testing.T) {
	binary, helps := build(t), map[string]string{}
	for _, test := range []struct {
		subcommand, arguments string
		want                  []string
	}{
		{"doctor", " --preflight # --bogus", nil},
		{"explain", " -o markdown", nil},
		{"serve", " --config policy.yaml --bogus", []string{"--bogus"}},
		{"docter", " --preflight", []string{"subcommand"}},
	} {
		if got := unsupported(t, binary, helps, test.subcommand, test.arguments); !slices.Equal(got, test.want) {
			t.Errorf("%s%s: got %q, want %q", test.subcommand, test.arguments, got, test.want)
		}
	}
}

// build builds ippool-webhook and returns its path.
func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "ippool-webhook")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-C", root, "-o", binary, "./cmd/ippool-webhook").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return binary
}

// shellCommands returns the commands in the code blocks of the documents. In a block of the language console, a command begins with
// "$ " and continues with the lines of a here document or after a backslash; other lines are output.
func shellCommands(t *testing.T) []command {
	t.Helper()
	var commands []command
	for _, path := range withExtension(t, ".md") {
		for _, found := range block.FindAllStringSubmatch(read(t, path), -1) {
			text := regexp.MustCompile(`(?m)^`+found[1]).ReplaceAllString(found[3], "")
			if found[2] == "console" {
				text = typed(text)
			}
			commands = append(commands, command{path, text})
		}
	}
	if len(commands) < 20 {
		t.Errorf("there are %d code blocks with commands; at least 20 were expected", len(commands))
	}
	return commands
}

// typed returns the lines of a console that a user types.
func typed(console string) string {
	var lines []string
	end := "" // the line at which the command ends; "\" if the next line belongs to it
	for line := range strings.Lines(console) {
		line = strings.TrimSuffix(line, "\n")
		command, isCommand := strings.CutPrefix(line, "$ ")
		switch {
		case end != "" && end != `\`:
			command = line
			if line == end {
				end = ""
			}
		case isCommand || end == `\`:
			end = ""
			if strings.HasSuffix(command, `\`) {
				end = `\`
			} else if _, after, ok := strings.Cut(command, "<<"); ok {
				end = strings.Trim(after, `'"`)
			}
		default:
			continue
		}
		lines = append(lines, command)
	}
	return strings.Join(lines, "\n") + "\n"
}

// inlineCommands returns the code in the sentences of the documents.
func inlineCommands(t *testing.T) []command {
	t.Helper()
	var commands []command
	for _, path := range withExtension(t, ".md") {
		for _, found := range inline.FindAllStringSubmatch(fence.ReplaceAllString(read(t, path), ""), -1) {
			commands = append(commands, command{path, found[1]})
		}
	}
	return commands
}
