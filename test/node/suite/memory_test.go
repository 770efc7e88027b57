package suite

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ippool-webhook/test/worst/bodies"
)

const (
	largest = 7 << 20 // bytes of the largest body that the server accepts
	copies  = 64      // more than the server admits at a time
)

// expensive are the kinds of reviews for which a pod used most memory, of all kinds of the benchmark.
func expensive() []string {
	return []string{
		"deep objects in lists", "two keys in turn", "each key twice", "decimal offsets of 19 bytes", "unknown object", "shortest keys in no order",
	}
}

// TestMemory sends the most expensive reviews straight to a pod with the shipped memory limit, more than it admits at a time. The kernel
// must not kill it.
func TestMemory(t *testing.T) {
	defer installProduct(t)()
	pod := replicas(t)[0]
	for _, kind := range expensive() {
		suite.rows.Run(t, kind, func(t *testing.T) {
			answers := flood(t.Context(), pod.Status.PodIP, review(t, kind))
			if answers["200"] == 0 {
				t.Errorf("the answers are %v: some must have status 200", answers)
			}
			expectNoRestart(t, &pod)
		})
	}
}

// review returns the largest review of a kind: an update, if the kind has one.
func review(t *testing.T, name string) []byte {
	t.Helper()
	kinds := bodies.Kinds()
	at := slices.IndexFunc(kinds, func(k bodies.Kind) bool { return k.Name == name })
	if at < 0 {
		t.Fatalf("the benchmark has no kind %q", name)
	}
	requests := kinds[at].Requests()
	return kinds[at].Body(largest, requests[len(requests)-1])
}

func expectNoRestart(t *testing.T, pod *corev1.Pod) {
	t.Helper()
	now := &corev1.Pod{}
	if err := suite.client.Get(t.Context(), client.ObjectKeyFromObject(pod), now); err != nil {
		t.Fatal(err)
	}
	if status := now.Status.ContainerStatuses[0]; status.RestartCount > 0 {
		t.Errorf("the container has ended: %+v", status.LastTerminationState.Terminated)
	}
}

// flood sends copies of a review at the same time, and returns the number of answers by their status.
func flood(ctx context.Context, address string, review []byte) map[string]int {
	counts := map[string]int{}
	var mu sync.Mutex
	var work sync.WaitGroup
	for range copies {
		work.Go(func() {
			transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true}
			defer transport.CloseIdleConnections()
			answer := post(ctx, &http.Client{Transport: transport}, address, review)
			mu.Lock()
			defer mu.Unlock()
			counts[answer]++
		})
	}
	work.Wait()
	return counts
}

func post(ctx context.Context, c *http.Client, address string, review []byte) string {
	url := "https://" + net.JoinHostPort(address, "9443") + "/validate-whereabouts-cni-cncf-io-v1alpha1-ippool"
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(review))
	if err != nil {
		return err.Error()
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := c.Do(request)
	if err != nil {
		return "none"
	}
	defer response.Body.Close() //nolint:errcheck // it is only read
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return "none"
	}
	return strconv.Itoa(response.StatusCode)
}
