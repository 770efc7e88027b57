package suite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	costRounds   = 5
	callsInRound = 10
)

// TestAddressCost measures what the product adds to the time in which Whereabouts assigns and releases an address on the node. The calls
// with and without the product take turns. It asserts no time.
func TestAddressCost(t *testing.T) {
	defer installProduct(t)()
	suite.rows.Run(t, "cost of an address", func(t *testing.T) {
		namespace := newNamespace(t)
		configurations := readConfigurations(t)
		defer createConfigurations(t, configurations) // the removal of the product expects them
		variants := []struct {
			name    string
			prepare func(*testing.T, []client.Object)
			calls   durations
		}{
			{"without the product", deleteConfigurations, durations{}},
			{"with the product", createConfigurations, durations{}},
			{"without it, again", deleteConfigurations, durations{}},
		}
		for range costRounds {
			for i := range variants {
				variants[i].prepare(t, configurations)
				variants[i].calls.measure(t, namespace)
			}
		}
		for _, v := range variants {
			fmt.Printf("an address %s: ADD %s, DEL %s (median and 9th decile of %d calls)\n", v.name, summary(v.calls.add), summary(v.calls.del), len(v.calls.add))
		}
		expectConsistent(t)
	})
}

// durations are the durations of calls of the plugin.
type durations struct{ add, del []time.Duration }

func summary(times []time.Duration) string {
	sorted := slices.Sorted(slices.Values(times))
	return fmt.Sprintf("%.1f and %.1f ms", sorted[len(sorted)/2].Seconds()*1e3, sorted[len(sorted)*9/10].Seconds()*1e3)
}

// measure assigns and releases addresses.
func (d *durations) measure(t *testing.T, namespace string) {
	t.Helper()
	for i := range callsInRound {
		pod := fmt.Sprintf("pod-%d", i)
		d.add = append(d.add, callPlugin(t, "ADD", namespace, pod))
		d.del = append(d.del, callPlugin(t, "DEL", namespace, pod))
	}
}

// callPlugin calls Whereabouts as the container runtime does, through the main plugin.
func callPlugin(t *testing.T, command, namespace, pod string) time.Duration {
	t.Helper()
	plugin := exec.CommandContext(t.Context(), "/opt/cni/bin/whereabouts")
	plugin.Stdin = strings.NewReader(`{"cniVersion":"1.0.0","name":"cost","type":"bridge","ipam":{"type":"whereabouts","range":"192.168.40.0/24"}}`)
	plugin.Env = append(os.Environ(), "CNI_COMMAND="+command, "CNI_CONTAINERID="+namespace+"-"+pod, "CNI_NETNS=/run/netns/"+pod, "CNI_IFNAME=net1", "CNI_PATH=/opt/cni/bin",
		"CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAMESPACE="+namespace+";K8S_POD_NAME="+pod+";K8S_POD_INFRA_CONTAINER_ID="+namespace+"-"+pod)
	start := time.Now()
	out, err := plugin.CombinedOutput()
	took := time.Since(start)
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
	return took
}

// readConfigurations returns the webhook configurations of the product.
func readConfigurations(t *testing.T) []client.Object {
	t.Helper()
	found := []client.Object{&admissionv1.ValidatingWebhookConfiguration{}, &admissionv1.MutatingWebhookConfiguration{}}
	for _, configuration := range found {
		if err := suite.client.Get(t.Context(), client.ObjectKey{Name: name}, configuration); err != nil {
			t.Fatal(err)
		}
		configuration.SetResourceVersion("")
		configuration.SetUID("")
		configuration.SetCreationTimestamp(metav1.Time{})
	}
	return found
}

// deleteConfigurations lets the API server call no webhook.
func deleteConfigurations(t *testing.T, configurations []client.Object) {
	t.Helper()
	for _, configuration := range configurations {
		if err := client.IgnoreNotFound(suite.client.Delete(t.Context(), configuration)); err != nil {
			t.Fatal(err)
		}
	}
	awaitDenial(t, false)
}

// createConfigurations lets the API server call the webhooks.
func createConfigurations(t *testing.T, configurations []client.Object) {
	t.Helper()
	for _, configuration := range configurations {
		copied, ok := configuration.DeepCopyObject().(client.Object)
		if !ok {
			t.Fatalf("%T is not an object", configuration)
		}
		if err := client.IgnoreAlreadyExists(suite.client.Create(t.Context(), copied)); err != nil {
			t.Fatal(err)
		}
	}
	awaitDenial(t, true)
}

// awaitDenial awaits that a malformed pool is denied, or not.
func awaitDenial(t *testing.T, want bool) {
	t.Helper()
	await(t.Context(), t, "the webhook configurations", func(ctx context.Context) error {
		out, err := kubectlWith(ctx, pool("malformed", "10.0.0.0/33"), "create", "--dry-run=server", "-f", "-")
		if denied := err != nil && strings.Contains(out, "(rule range-syntax)"); denied != want || err != nil && !want {
			return errors.New(out)
		}
		return nil
	})
}
