package cluster

import (
	"github.com/k8snetworkplumbingwg/whereabouts/pkg/reconciler"
	"github.com/k8snetworkplumbingwg/whereabouts/pkg/storage/kubernetes"
)

// Reconcile does the same as a run of the reconciler of Whereabouts (reconciler.ReconcileIPs): it releases the addresses of
// pods that do not exist, in all namespaces. Whereabouts runs it once a day: v0.9.4 in a Deployment, earlier releases on each
// node.
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
