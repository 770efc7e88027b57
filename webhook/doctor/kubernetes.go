package doctor

import (
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
)

// minKubernetes is the first version of Kubernetes in which match conditions of webhooks need no feature gate.
const minKubernetes = "1.30.0"

func serverVersion(config *rest.Config) (string, error) {
	api, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return "", err
	}
	info, err := api.ServerVersion()
	if err != nil {
		return "", err
	}
	return info.GitVersion, nil
}

func (s *preflightCluster) checkKubernetes() verdict {
	v := verdict{passed: "the API server is " + s.kubernetes}
	if s.kubernetesErr != nil {
		v.warn("cannot read the version of the API server: "+s.kubernetesErr.Error(), seeKubernetes)
		return v
	}
	if got, err := version.ParseSemantic(s.kubernetes); err != nil || got.LessThan(version.MustParseSemantic(minKubernetes)) {
		v.fail("the API server is "+s.kubernetes+": match conditions of webhooks need "+minKubernetes+" or later", upgrade)
	}
	return v
}
