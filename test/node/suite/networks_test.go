package suite

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ippool-webhook/test/environment"
)

// installNetworks installs Multus and Whereabouts with the manifests of their releases.
func installNetworks(ctx context.Context) error {
	for _, name := range []string{"multus.yaml", "whereabouts.yaml"} {
		if out, err := kubectlWith(ctx, "", "apply", "--server-side", "-f", suite.Path("test", "node", "bin", "manifests", name)); err != nil {
			return fmt.Errorf("cannot apply %s: %w\n%s", name, err, out)
		}
	}
	for _, name := range []string{"kube-multus-ds", "whereabouts"} {
		if err := awaitDaemonSet(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// awaitDaemonSet awaits that the pods of a DaemonSet of kube-system are ready.
func awaitDaemonSet(ctx context.Context, name string) error {
	return environment.Await(ctx, "DaemonSet "+name, func(ctx context.Context) error {
		var set appsv1.DaemonSet
		if err := suite.client.Get(ctx, client.ObjectKey{Namespace: "kube-system", Name: name}, &set); err != nil {
			return err
		}
		if set.Status.NumberReady == 0 || set.Status.ObservedGeneration != set.Generation {
			return fmt.Errorf("%d pods are ready", set.Status.NumberReady)
		}
		return nil
	})
}
