// Command ippool-webhook is an admission webhook that protects the IPPools of Whereabouts.
package main

import (
	"os"

	"github.com/spf13/cobra"
	ctrl "sigs.k8s.io/controller-runtime"
)

func main() {
	os.Exit(exitCode(newCommand().ExecuteContext(ctrl.SetupSignalHandler())))
}

// newCommand returns the command with all its subcommands.
func newCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ippool-webhook",
		Short: "Protects the IPPools of Whereabouts",
		Long: "ippool-webhook protects the IPPools in which the Whereabouts CNI records the addresses of pods. Its admission webhook\n" +
			"rejects changes that would corrupt a pool. By default, requests of Whereabouts are not sent to it, so it never blocks Whereabouts.",
		SilenceUsage: true,
		Args:         cobra.NoArgs,
		RunE:         func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newServeCommand(), newExplainCommand(), newDoctorCommand(), newVersionCommand())
	return cmd
}
