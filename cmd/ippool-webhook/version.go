package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// The Makefile sets these with -ldflags -X. Other builds use what the Go command has recorded.
//
//nolint:gochecknoglobals // the linker sets nothing else
var (
	version string // such as v0.1.0, or v0.1.0-3-g1234567 three commits later
	commit  string // commit from which the program was built
	date    string // time of the commit in the format of RFC 3339, so that the same source gives the same program
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

// setting returns the value that the Go command has recorded for a key, or "".
func setting(info *debug.BuildInfo, key string) string {
	for _, s := range info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}
