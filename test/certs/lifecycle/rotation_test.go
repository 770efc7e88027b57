package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"ippool-webhook/test/certs/cluster"
	"ippool-webhook/test/markdown"
)

const (
	// renewals is the number of renewals. In a cluster, they take more than three years.
	renewals = 20
	// perPhase is the number of admissions between two steps.
	perPhase = 50
)

// TestRotationUnderLoad renews, rotates and restarts while pools are written. No request may fail.
func TestRotationUnderLoad(t *testing.T) {
	suite.rows.Run(t, "nothing fails while certificates change", func(t *testing.T) {
		l := suite.startLoad(t)
		phase(t, l, "before", func(context.Context) error { return nil })
		for i := range renewals {
			phase(t, l, fmt.Sprintf("renewal %d", i+1), renewServing)
		}
		phase(t, l, "CA rotation", rotateCA)
		for _, replica := range suite.replicas {
			phase(t, l, "restart of "+replica.Name, func(ctx context.Context) error {
				return errors.Join(replica.Restart(ctx), suite.AwaitEndpoints(ctx, len(suite.replicas)))
			})
		}
		expectAnswers(t, suite.replicas[0]) // it was restarted first, so the load has called it since
		l.expectNoFailure(t)
		fmt.Printf("rotation (cert-manager): %d admissions, %d denied by rule, %d failed, %d renewals, 1 CA rotation, %d restarts\n",
			l.Admissions(), l.Denied(), l.Failed(), renewals, len(suite.replicas))
	})
}

// expectAnswers expects that a replica has answered a request since its start.
func expectAnswers(t *testing.T, replica *cluster.Replica) {
	t.Helper()
	samples, err := replica.Metrics(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	answered := 0.0
	for name, value := range samples {
		if strings.HasPrefix(name, "ippool_webhook_admissions_total{") {
			answered += value
		}
	}
	if answered == 0 {
		t.Errorf("%s has answered no request since its restart", replica.Name)
	}
}

// phase runs a step under load, with admissions before and after it.
func phase(t *testing.T, l *running, what string, do func(context.Context) error) {
	t.Helper()
	if err := do(t.Context()); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if err := l.AwaitMore(t.Context(), perPhase); err != nil {
		t.Fatalf("after %s: %v", what, err)
	}
}

// renewServing renews the serving certificate and returns once all replicas serve it.
func renewServing(ctx context.Context) error {
	after, err := renew(ctx, servingName)
	if err != nil {
		return err
	}
	return suite.awaitServed(ctx, after.leaf)
}

// The steps of the procedure.
const (
	stepAwaitPods = 3 // counted from 0
	steps         = 5
)

// runbook returns the steps of the procedure in the document.
func runbook() ([]string, error) {
	blocks, err := markdown.Blocks(suite.Path("docs", "certificates.md"), "Rotating the CA with cert-manager", "bash")
	if err == nil && len(blocks) != steps {
		err = fmt.Errorf("the document has %d steps, want %d", len(blocks), steps)
	}
	return blocks, err
}

// rotateCA runs the procedure of the document, and checks the result.
func rotateCA(ctx context.Context) error {
	before, err := suite.readIssued(ctx, authorityName)
	if err != nil {
		return err
	}
	blocks, err := runbook()
	if err != nil {
		return err
	}
	if err := suite.Run(ctx, strings.Join(blocks, "\n")); err != nil {
		return err
	}
	after, err := suite.readIssued(ctx, authorityName)
	if err != nil {
		return err
	}
	leaf, err := suite.readIssued(ctx, servingName)
	if err != nil {
		return err
	}
	if verify(leaf.leaf, before.ca) == nil || verify(leaf.leaf, after.ca) != nil {
		return errors.New("the new CA, and only the new CA, must have signed the serving certificate")
	}
	if err := suite.awaitServed(ctx, leaf.leaf); err != nil {
		return err
	}
	bundles, err := suite.caBundles(ctx)
	for webhook, bundle := range bundles {
		if !contains(bundle, after.ca) || contains(bundle, before.ca) {
			return fmt.Errorf("caBundle of %s must have only the new CA", webhook)
		}
	}
	return errors.Join(err, suite.Apply(ctx, overlay)) // restores the objects of the manifests
}

// TestLoadDetects checks that the load can fail. It makes the mistake that the procedure warns about: it removes the old CA
// while replicas still serve a certificate of the old CA.
func TestLoadDetects(t *testing.T) {
	suite.rows.Run(t, "the load detects a CA that is removed too early", func(t *testing.T) {
		blocks, err := runbook()
		if err != nil {
			t.Fatal(err)
		}
		for _, replica := range suite.replicas {
			replica.Mount.Hold()
			defer replica.Mount.Release()
		}
		l := suite.startLoad(t)
		phase(t, l, "before", func(context.Context) error { return nil })
		if err := suite.Run(t.Context(), strings.Join(append(blocks[:stepAwaitPods:stepAwaitPods], blocks[stepAwaitPods+1:]...), "\n")); err != nil {
			t.Fatal(err)
		}
		if err := l.AwaitFailure(t.Context()); err != nil {
			t.Error(err)
		}
		l.Stop()
		if l.unanswered(t) == 0 {
			t.Error("the API server got an answer to every webhook call, want failed calls")
		}
	})
	leaf := mustReadIssued(t, servingName).leaf
	if err := errors.Join(suite.awaitServed(t.Context(), leaf), suite.awaitWebhooks(t.Context())); err != nil {
		t.Error(err)
	}
}
