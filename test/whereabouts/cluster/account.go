package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ippool-webhook/test/environment"
)

// The service account in doc/crds/daemonset-install.yaml of Whereabouts.
const (
	accountNamespace = "kube-system"
	accountName      = "whereabouts"
)

// grant applies the service account and the permissions in the manifests of Whereabouts.
func (c *Cluster) grant(ctx context.Context) error {
	admin, err := client.New(c.Admin(), client.Options{})
	if err != nil {
		return err
	}
	manifests, err := Manifests(ctx)
	if err != nil {
		return err
	}
	for _, object := range manifests {
		if !slices.Contains([]string{"ServiceAccount", "ClusterRole", "ClusterRoleBinding"}, object.GetKind()) {
			continue
		}
		if err := admin.Create(ctx, object); err != nil {
			return err
		}
	}
	return nil
}

// Manifests returns the objects in the manifests of Whereabouts: its CRDs, its workloads and their permissions.
func Manifests(ctx context.Context) (objects []*unstructured.Unstructured, err error) {
	dir, err := moduleDir(ctx, whereaboutsModule)
	if err != nil {
		return nil, err
	}
	paths, err := filepath.Glob(filepath.Join(dir, "doc", "crds", "*.yaml"))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		if objects, err = appendObjects(objects, path); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return objects, nil
}

// appendObjects appends the objects in a file.
func appendObjects(objects []*unstructured.Unstructured, path string) ([]*unstructured.Unstructured, error) {
	text, err := os.ReadFile(path) //nolint:gosec // a file of a module
	if err != nil {
		return nil, err
	}
	documents := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096)
	for {
		object := &unstructured.Unstructured{}
		switch err := documents.Decode(object); {
		case errors.Is(err, io.EOF):
			return objects, nil
		case err != nil:
			return nil, err
		case len(object.Object) > 0:
			objects = append(objects, object)
		}
	}
}

// logIn gets a token of the service account, and returns once it has access to the pools.
func (c *Cluster) logIn(ctx context.Context) error {
	admin, err := kubernetes.NewForConfig(c.Admin())
	if err != nil {
		return err
	}
	request, err := admin.CoreV1().ServiceAccounts(accountNamespace).
		CreateToken(ctx, accountName, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	c.token = request.Status.Token
	return environment.Await(ctx, "the permissions of Whereabouts", func(ctx context.Context) error {
		clientset, err := c.Clientset()
		if err != nil {
			return err
		}
		_, err = clientset.WhereaboutsV1alpha1().IPPools(accountNamespace).List(ctx, metav1.ListOptions{})
		return err
	})
}

// Account returns the connection of the service account of Whereabouts to the API server, without the limits of client-go.
func (c *Cluster) Account() *rest.Config {
	config := rest.AnonymousClientConfig(c.Admin())
	config.BearerToken = c.token
	config.QPS, config.Burst = -1, 0
	return config
}

// writeKubeconfig writes the kubeconfig that the installation of Whereabouts writes on a node. namespace is the namespace of
// the pools.
func (c *Cluster) writeKubeconfig(path, namespace string) error {
	admin := c.Admin()
	return clientcmd.WriteToFile(clientcmdapi.Config{
		Clusters:       map[string]*clientcmdapi.Cluster{"local": {Server: admin.Host, CertificateAuthorityData: admin.CAData}},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{"whereabouts": {Token: c.token}},
		Contexts:       map[string]*clientcmdapi.Context{"whereabouts-context": {Cluster: "local", AuthInfo: "whereabouts", Namespace: namespace}},
		CurrentContext: "whereabouts-context",
	}, path)
}
