package main

import "github.com/spf13/cobra"

// completeFlag makes shells complete the value of a flag with these values. It panics if the command does not have the flag.
func completeFlag(cmd *cobra.Command, flag string, values ...string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err)
	}
}

// completeFile makes shells complete the value of a flag with the names of YAML files. It panics if the command does not have the flag.
func completeFile(cmd *cobra.Command, flag string) {
	if err := cmd.MarkFlagFilename(flag, "yaml", "yml"); err != nil {
		panic(err)
	}
}
