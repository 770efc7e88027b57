// Command ippool-webhook guards the IPPools of Whereabouts: an admission webhook for the cluster.
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
		Short: "Guards the IPPools of Whereabouts",
		Long: "ippool-webhook guards the IPPools in which the Whereabouts CNI records the addresses of pods:\n" +
			"an admission webhook that refuses what would corrupt a pool, and never what Whereabouts itself writes.",
		SilenceUsage: true,
		Args:         cobra.NoArgs,
		RunE:         func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newServeCommand(), newExplainCommand(), newDoctorCommand(), newVersionCommand())
	return cmd
}
