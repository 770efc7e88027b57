package main

import (
	"fmt"
	"path/filepath"
	"strings"
)

// guide says how to reach the API server, and what to try there. Its paragraphs are apart by blank lines; those with commands
// are for a shell as they are.
func guide(kubectl kubectl, kubeconfig string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "\nThe webhook guards the IPPools of an API server. In another terminal:\n\n%s\n\nThen, one after the other:\n\n", kubectl.setUp(kubeconfig))
	for i, s := range steps() {
		fmt.Fprintf(&text, "# %d. %s\n%s\n\n", i+1, s.expectation, s.command)
	}
	text.WriteString("Ctrl-C here ends it and removes everything.\n")
	return text.String()
}

// setUp makes kubectl find the API server, and leave nothing behind that the playground would not remove.
func (k kubectl) setUp(kubeconfig string) string {
	command := fmt.Sprintf("export KUBECONFIG=%s KUBECACHEDIR=%s", quote(kubeconfig), quote(filepath.Join(filepath.Dir(kubeconfig), "cache")))
	if k.dir != "" {
		command += fmt.Sprintf("\nexport PATH=%s:\"$PATH\" # for the control plane's kubectl, as there is none here", quote(k.dir))
	}
	return command
}

// quote makes one word of a path for a shell.
func quote(path string) string { return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'" }
