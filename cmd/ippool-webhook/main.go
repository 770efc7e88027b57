// Command ippool-webhook is an admission webhook that validates and normalizes the IPPools of Whereabouts.
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
		Short: "Validate and normalize the IPPools of Whereabouts",
		Long: "ippool-webhook is an admission webhook that validates and normalizes the IPPools of the Whereabouts CNI. An IPPool stores\n" +
			"the addresses that Whereabouts has assigned to pods. The webhook rejects changes that would corrupt a pool. By default, the\n" +
			"API server does not send the requests of Whereabouts to the webhook.",
		SilenceUsage: true,
		Version:      versionText(),
		RunE:         func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.SetVersionTemplate("{{.Version}}\n")
	cmd.AddCommand(newServeCommand(), newExplainCommand(), newDoctorCommand(), newVersionCommand())
	return cmd
}
