package cluster

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// These are the paths of Debian's packages and of nodes.
const (
	containerd    = "/usr/bin/containerd"
	debianPlugins = "/usr/lib/cni"
	plugins       = "/opt/cni/bin"   // where nodes have CNI plugins
	networks      = "/etc/cni/net.d" // where nodes have network configurations
	socket        = "/run/containerd/containerd.sock"
)

var (
	//go:embed containerd.toml
	containerdConfig []byte
	// The range is large, because it loses an address with each pod: Multus v4.2.4 passes the configuration to host-local without the
	// range when a pod ends.
	//
	//go:embed 10-bridge.conflist
	defaultNetwork []byte
)

func (c *Cluster) startContainerd(ctx context.Context) error {
	for _, dir := range []string{plugins, networks, "/etc/containerd"} {
		if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // as on a node
			return err
		}
	}
	if err := copyFiles(debianPlugins, plugins); err != nil {
		return fmt.Errorf("cannot copy the CNI plugins: %w", err)
	}
	const config = "/etc/containerd/config.toml"
	err := errors.Join(
		os.WriteFile(config, containerdConfig, 0o600),
		os.WriteFile(filepath.Join(networks, "10-bridge.conflist"), defaultNetwork, 0o600),
	)
	if err != nil {
		return err
	}
	if err := c.add("containerd", containerd, "--config", config); err != nil {
		return err
	}
	return c.await(ctx, func(ctx context.Context) error { return ctr(ctx, "version") })
}

func (c *Cluster) importImages(ctx context.Context) error {
	for _, path := range c.options.Images {
		if err := ctr(ctx, "images", "import", path); err != nil {
			return err
		}
	}
	return nil
}

// ctr runs a command of containerd's client.
func ctr(ctx context.Context, args ...string) error {
	command := exec.CommandContext(ctx, "ctr", append([]string{"--address", socket, "--namespace", "k8s.io"}, args...)...) //nolint:gosec // our own arguments
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", command, err, out)
	}
	return nil
}

// copyFiles copies programs. A link would point to a folder that containers do not have.
func copyFiles(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		content, err := os.ReadFile(filepath.Join(from, entry.Name())) //nolint:gosec // a program of a package
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, entry.Name()), content, 0o755); err != nil { //nolint:gosec // programs
			return err
		}
	}
	return nil
}
