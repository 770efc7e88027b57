package cluster

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"

	"ippool-webhook/test/node/sandbox"
)

func (c *Cluster) startEtcd(ctx context.Context) error {
	err := c.add("etcd", c.program("etcd"),
		"--name", NodeName,
		"--data-dir", filepath.Join(c.run.Dir, "etcd"),
		"--listen-client-urls", etcdAddress, "--advertise-client-urls", etcdAddress,
		"--listen-peer-urls", "http://127.0.0.1:2380",
		"--unsafe-no-fsync", // nothing is read after the run
	)
	if err != nil {
		return err
	}
	return c.await(ctx, func(ctx context.Context) error { return get(ctx, etcdAddress+"/health") })
}

func (c *Cluster) startAPIServer(ctx context.Context) error {
	a := c.authority
	if err := a.issue("apiserver", subject{Name: "kube-apiserver", Hosts: []string{
		"localhost", "127.0.0.1", sandbox.NodeAddress, apiService,
		"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local",
	}}); err != nil {
		return err
	}
	if err := a.issue("kubelet-client", subject{Name: "kube-apiserver-kubelet-client", Group: "system:masters"}); err != nil {
		return err
	}
	if err := c.add("kube-apiserver", c.program("kube-apiserver"),
		"--etcd-servers", etcdAddress,
		"--advertise-address", sandbox.NodeAddress,
		"--secure-port", "6443",
		"--service-cluster-ip-range", serviceRange,
		"--tls-cert-file", a.path("apiserver.crt"), "--tls-private-key-file", a.path("apiserver.key"),
		"--client-ca-file", a.path("ca.crt"),
		"--kubelet-client-certificate", a.path("kubelet-client.crt"), "--kubelet-client-key", a.path("kubelet-client.key"),
		"--kubelet-preferred-address-types", "InternalIP",
		"--service-account-issuer", "https://kubernetes.default.svc.cluster.local",
		"--service-account-key-file", a.path("service-accounts.pub"),
		"--service-account-signing-key-file", a.path("service-accounts.key"),
		"--authorization-mode", "Node,RBAC",
		"--enable-admission-plugins", "NodeRestriction",
		"--allow-privileged",
	); err != nil {
		return err
	}
	return c.await(ctx, func(ctx context.Context) error {
		_, err := c.client.Discovery().RESTClient().Get().AbsPath("/readyz").DoRaw(ctx)
		return err
	})
}

func (c *Cluster) startControllers(context.Context) error {
	a := c.authority
	manager, err := a.kubeconfig("controller-manager", subject{Name: "system:kube-controller-manager"})
	if err != nil {
		return err
	}
	if err := c.add("kube-controller-manager", c.program("kube-controller-manager"),
		"--kubeconfig", manager,
		"--use-service-account-credentials",
		"--service-account-private-key-file", a.path("service-accounts.key"),
		"--root-ca-file", a.path("ca.crt"),
		"--leader-elect=false",
	); err != nil {
		return err
	}
	scheduler, err := a.kubeconfig("scheduler", subject{Name: "system:kube-scheduler"})
	if err != nil {
		return err
	}
	if err := c.add("kube-scheduler", c.program("kube-scheduler"), "--kubeconfig", scheduler, "--leader-elect=false"); err != nil {
		return err
	}
	proxy, err := a.kubeconfig("proxy", subject{Name: "system:kube-proxy"})
	if err != nil {
		return err
	}
	return c.add("kube-proxy", c.program("kube-proxy"),
		"--kubeconfig", proxy,
		"--hostname-override", NodeName,
		"--proxy-mode", "iptables",
		"--cluster-cidr", podRange,
		"--conntrack-max-per-core", "0", // the maximum can be set only outside the sandbox
		"--conntrack-tcp-timeout-established", "0", "--conntrack-tcp-timeout-close-wait", "0",
	)
}

// get returns an error unless a GET request succeeds.
func get(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	if err := response.Body.Close(); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, response.Status)
	}
	return nil
}
