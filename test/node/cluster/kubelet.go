package cluster

import (
	"bytes"
	"context"
	_ "embed"
	"os"
	"path/filepath"
	"text/template"

	"ippool-webhook/test/node/sandbox"
)

//go:embed kubelet.yaml
var kubeletConfig string

func (c *Cluster) startKubelet(context.Context) error {
	user, err := c.authority.kubeconfig("kubelet", subject{Name: "system:node:" + NodeName, Group: "system:nodes"})
	if err != nil {
		return err
	}
	config, err := template.New("").Parse(kubeletConfig)
	if err != nil {
		return err
	}
	text := &bytes.Buffer{}
	if err := config.Execute(text, struct{ ClientCA, Cgroup, Socket string }{c.authority.path("ca.crt"), c.run.Cgroup(), socket}); err != nil {
		return err
	}
	path := filepath.Join(c.run.Dir, "kubelet.yaml")
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		return err
	}
	return c.add("kubelet", c.program("kubelet"),
		"--config", path,
		"--kubeconfig", user,
		"--hostname-override", NodeName,
		"--node-ip", sandbox.NodeAddress,
	)
}
