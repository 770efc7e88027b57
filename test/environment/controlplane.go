package environment

import (
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

// ControlPlane returns a control plane that has not started, for tests that want another one than Environment's.
func (f *Files) ControlPlane() (envtest.ControlPlane, error) {
	apiserver, err := f.program("kube-apiserver")
	if err != nil {
		return envtest.ControlPlane{}, err
	}
	etcd, err := f.program("etcd")
	if err != nil {
		return envtest.ControlPlane{}, err
	}
	return envtest.ControlPlane{APIServer: &envtest.APIServer{Path: apiserver}, Etcd: &envtest.Etcd{Path: etcd}}, nil
}
