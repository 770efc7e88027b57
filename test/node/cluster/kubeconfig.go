package cluster

import (
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// kubeconfig issues a client certificate to a user, stores a kubeconfig that uses it, and returns its path.
func (a *authority) kubeconfig(name string, s subject) (string, error) {
	if err := a.issue(name, s); err != nil {
		return "", err
	}
	path := a.path(name + ".kubeconfig")
	return path, clientcmd.WriteToFile(clientcmdapi.Config{
		Clusters:       map[string]*clientcmdapi.Cluster{"node": {Server: server, CertificateAuthority: a.path("ca.crt")}},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{name: {ClientCertificate: a.path(name + ".crt"), ClientKey: a.path(name + ".key")}},
		Contexts:       map[string]*clientcmdapi.Context{"node": {Cluster: "node", AuthInfo: name}},
		CurrentContext: "node",
	}, path)
}
