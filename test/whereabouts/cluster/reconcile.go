package cluster

import (
	"github.com/k8snetworkplumbingwg/whereabouts/pkg/reconciler"
	"github.com/k8snetworkplumbingwg/whereabouts/pkg/storage/kubernetes"
)

// Reconcile does what Whereabouts does on each node once a day: it takes back what pods hold that are gone, in all
// namespaces.
func (r *Runtime) Reconcile() error {
	client, err := kubernetes.NewClientViaKubeconfig(r.Kubeconfig)
	if err != nil {
		return err
	}
	looper, err := reconciler.NewReconcileLooperWithClient(client)
	if err != nil {
		return err
	}
	if _, err := looper.ReconcileIPPools(); err != nil {
		return err
	}
	return looper.ReconcileOverlappingIPAddresses()
}
