package main

import (
	"fmt"
	"path/filepath"
	"strings"
)

// guide returns how to connect to the API server, and the commands to try. Blank lines separate its paragraphs. A paragraph with
// commands can be pasted into a shell.
func guide(kubectl kubectl, kubeconfig string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "\nThe webhook validates the IPPools of an API server. In another terminal, run:\n\n%s\n\nThen try these commands, one after the other:\n\n", kubectl.setUp(kubeconfig))
	for i, s := range steps() {
		fmt.Fprintf(&text, "# %d. %s\n%s\n\n", i+1, s.expectation, s.command)
	}
	text.WriteString("Ctrl-C stops the playground and removes everything that it created.\n")
	return text.String()
}

// setUp returns the commands that configure kubectl. They put the cache of kubectl where the playground removes it.
func (k kubectl) setUp(kubeconfig string) string {
	command := fmt.Sprintf("export KUBECONFIG=%s KUBECACHEDIR=%s", quote(kubeconfig), quote(filepath.Join(filepath.Dir(kubeconfig), "cache")))
	if k.dir != "" {
		command += fmt.Sprintf("\nexport PATH=%s:\"$PATH\" # kubectl of the control plane", quote(k.dir))
	}
	return command
}

// quote quotes a path for a shell.
func quote(path string) string { return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'" }
