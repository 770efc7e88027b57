package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// The Makefile sets these variables with -ldflags -X. Other builds use the build information of the Go command.
//
//nolint:gochecknoglobals // the linker can only set global variables
var (
	version string // for example v0.1.0, or v0.1.0-3-g1234567 three commits later
	commit  string // commit of the source
	date    string // time of the commit (RFC 3339); with the build time, the same source would give different binaries
)

func newVersionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), versionText())
			return err
		},
	}
}

// versionText returns the version, the commit, and what the program was built for.
func versionText() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return fmt.Sprintf("ippool-webhook %s, commit %s of %s, %s, %s/%s",
		cmp.Or(version, info.Main.Version, "(devel)"),
		cmp.Or(commit, setting(info, "vcs.revision"), "unknown"),
		cmp.Or(date, setting(info, "vcs.time"), "unknown"),
		runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// setting returns a value of the build information, or "".
func setting(info *debug.BuildInfo, key string) string {
	for _, s := range info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}
