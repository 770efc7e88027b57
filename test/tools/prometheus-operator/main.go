// Command prometheus-operator prints the released CustomResourceDefinitions of Prometheus Operator. It is a separate module,
// because of the modules that Prometheus Operator requires.
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
