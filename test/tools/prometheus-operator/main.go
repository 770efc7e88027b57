// Command prometheus-operator prints the resource definitions of Prometheus Operator, as they are released. It is in a module
// of its own because of what that one requires.
package main

import (
	"fmt"
	"os"

	definitions "github.com/prometheus-operator/prometheus-operator/example"
)

func main() {
	if err := definitions.PrintAll(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "prometheus-operator:", err)
		os.Exit(1)
	}
}
