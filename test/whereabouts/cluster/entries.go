package cluster

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/k8snetworkplumbingwg/whereabouts/pkg/api/whereabouts.cni.cncf.io/v1alpha1"
	whereaboutsv1alpha1 "github.com/k8snetworkplumbingwg/whereabouts/pkg/generated/clientset/versioned/typed/whereabouts.cni.cncf.io/v1alpha1"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"ippool-webhook/test/environment"
)

// ReplaceEntries replaces the entries of the installed ValidatingWebhookConfiguration, and returns those that it had. The API
// server takes notice within moments.
func (c *Cluster) ReplaceEntries(ctx context.Context, replace func([]admissionv1.ValidatingWebhook) []admissionv1.ValidatingWebhook) ([]admissionv1.ValidatingWebhook, error) {
	admin, err := kubernetes.NewForConfig(c.Admin())
	if err != nil {
		return nil, err
	}
	configurations := admin.AdmissionregistrationV1().ValidatingWebhookConfigurations()
	configuration, err := configurations.Get(ctx, "ippool-webhook", metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	before := configuration.DeepCopy().Webhooks
	configuration.Webhooks = replace(configuration.Webhooks)
	_, err = configurations.Update(ctx, configuration, metav1.UpdateOptions{})
	return before, err
}

// JudgeReleases has the webhook asked about pods that end too, as a policy wants that has trusted writers denied, until the end of
// the test. The API server does so when it returns; nobody else may write pools meanwhile.
func (c *Cluster) JudgeReleases(t testing.TB) {
	t.Helper()
	shipped, err := c.ReplaceEntries(t.Context(), func(entries []admissionv1.ValidatingWebhook) []admissionv1.ValidatingWebhook {
		for i := range entries {
			entries[i].MatchConditions = slices.DeleteFunc(entries[i].MatchConditions, func(m admissionv1.MatchCondition) bool {
				return m.Name == "more-than-a-release"
			})
		}
		return entries
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, err := c.ReplaceEntries(context.Background(), func([]admissionv1.ValidatingWebhook) []admissionv1.ValidatingWebhook { return shipped })
		if err := errors.Join(err, c.awaitReleases(context.Background(), false)); err != nil {
			t.Fatal(err)
		}
	})
	if err := c.awaitReleases(t.Context(), true); err != nil {
		t.Fatal(err)
	}
}

// awaitReleases awaits that the webhook is asked about a release, or that it is not.
func (c *Cluster) awaitReleases(ctx context.Context, judged bool) error {
	clientset, err := c.Clientset()
	if err != nil {
		return err
	}
	namespace, err := c.Namespace(ctx)
	if err != nil {
		return err
	}
	pools := clientset.WhereaboutsV1alpha1().IPPools(namespace)
	pool, err := pools.Create(ctx, &v1alpha1.IPPool{
		ObjectMeta: metav1.ObjectMeta{Name: "10.0.0.0-24"},
		Spec: v1alpha1.IPPoolSpec{Range: "10.0.0.0/24", Allocations: map[string]v1alpha1.IPAllocation{
			"1": {ContainerID: "probe", PodRef: "default/probe", IfName: "net1"},
		}},
	}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	pool.Spec.Allocations = map[string]v1alpha1.IPAllocation{}
	err = environment.Await(ctx, fmt.Sprintf("releases judged: %t", judged), func(ctx context.Context) error {
		asked, err := c.asks(ctx, pools, pool)
		if err == nil && asked != judged {
			err = fmt.Errorf("judged: %t", asked)
		}
		return err
	})
	if err != nil {
		return err
	}
	_, err = pools.Update(ctx, pool, metav1.UpdateOptions{}) // a pool that holds nothing is in nobody's way
	return err
}

// asks reports whether the webhook is asked about an update, which is for the show.
func (c *Cluster) asks(ctx context.Context, pools whereaboutsv1alpha1.IPPoolInterface, pool *v1alpha1.IPPool) (bool, error) {
	before, err := c.Calls(ctx)
	if err != nil {
		return false, err
	}
	if _, err := pools.Update(ctx, pool, metav1.UpdateOptions{DryRun: []string{metav1.DryRunAll}}); err != nil {
		return false, err
	}
	after, err := c.Calls(ctx)
	return after.Since(before).Made > 0, err
}
