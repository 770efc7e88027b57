package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// What the Makefile's build says of itself, by -ldflags -X. Without it, the Go command may know.
//
//nolint:gochecknoglobals // the linker sets nothing else
var (
	version string // such as v0.1.0, or v0.1.0-3-g1234567 three commits later
	commit  string // of which the program was built
	date    string // of the commit, as RFC 3339 has it: the same source gives the same program
)

func newVersionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			info, ok := debug.ReadBuildInfo()
			if !ok {
				info = &debug.BuildInfo{}
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "ippool-webhook %s, commit %s of %s, %s, %s/%s\n",
				cmp.Or(version, info.Main.Version, "(devel)"),
				cmp.Or(commit, setting(info, "vcs.revision"), "unknown"),
				cmp.Or(date, setting(info, "vcs.time"), "unknown"),
				runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

// setting returns what the Go command has recorded under a key, and nothing where it has not.
func setting(info *debug.BuildInfo, key string) string {
	for _, s := range info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}
