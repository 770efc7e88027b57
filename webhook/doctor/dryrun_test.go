package doctor

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
)

// TestDryRunConnects checks that the dry run waits for a Service that rejects connections for a moment, and for no other failure.
func TestDryRunConnects(t *testing.T) {
	call := func(why string) error { return apierrors.NewInternalError(errors.New(failedCall + ` "x": ` + why)) }
	refused, expired, denied := call("connect: connection refused"), call("certificate has expired"), errors.New("denied")
	for _, test := range []struct {
		name    string
		answers []error // of the API server; the last one is repeated
		calls   int     // or less than 0 for any number above 1
		want    error
	}{
		{"it answers", []error{denied}, 1, denied},
		{"it rejects two connections, then answers", []error{refused, refused, denied}, 3, denied},
		{"it always rejects connections", []error{refused}, -1, refused},
		{"the API server does not trust its certificate", []error{expired}, 1, expired},
		{"the pool is accepted", []error{nil}, 1, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				c := interceptor.NewClient(fake.NewClientBuilder().Build(), interceptor.Funcs{
					Create: func(context.Context, client.WithWatch, client.Object, ...client.CreateOption) error {
						calls++
						return test.answers[min(calls, len(test.answers))-1]
					},
				})
				d := createMalformedPool(t.Context(), c, "kube-system")
				if !errors.Is(d.err, test.want) || d.err != nil && test.want == nil {
					t.Errorf("error %v: must be %v", d.err, test.want)
				}
				if calls != test.calls && (test.calls >= 0 || calls < 2) {
					t.Errorf("the dry run was sent %d times: must be %d", calls, test.calls)
				}
			})
		})
	}
}
