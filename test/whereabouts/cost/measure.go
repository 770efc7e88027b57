package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"k8s.io/client-go/kubernetes"

	"ippool-webhook/test/environment"
	"ippool-webhook/test/whereabouts/cluster"
	"ippool-webhook/webhook/server"
)

// bench is a cluster in which variants are measured.
type bench struct {
	*cluster.Cluster
	*configurations

	variants []variant
	peer     *peer
}

// measure measures all variants for each number of entries, and prints a table.
func measure(ctx context.Context, sizes []int, rounds int, alternatives bool) error {
	c, err := cluster.Start(ctx, environment.Options{})
	if err != nil {
		return err
	}
	b := &bench{Cluster: c}
	err = b.run(ctx, sizes, rounds, alternatives)
	return errors.Join(err, b.peer.stop(), c.Stop(context.WithoutCancel(ctx)))
}

func (b *bench) run(ctx context.Context, sizes []int, rounds int, alternatives bool) error {
	if err := b.prepare(ctx, alternatives); err != nil {
		return err
	}
	for _, size := range sizes {
		count := rounds
		if size < 1000 {
			count *= 5
		}
		results, err := b.measure(ctx, size, count)
		if err != nil {
			return fmt.Errorf("pool of %d entries: %w", size, err)
		}
		if err := report(os.Stdout, size, results); err != nil {
			return err
		}
	}
	return nil
}

// prepare starts the peer and installs the variants.
func (b *bench) prepare(ctx context.Context, alternatives bool) error {
	client, err := kubernetes.NewForConfig(b.Admin())
	if err != nil {
		return err
	}
	if b.configurations, err = readConfigurations(ctx, client); err != nil {
		return err
	}
	if b.peer, err = startPeer(ctx, b.Webhook.CertDir()); err != nil {
		return err
	}
	b.variants = b.configurations.variants("https://" + b.peer.address + server.ValidatePath)
	if alternatives {
		b.variants = append(b.variants, b.alternatives()...)
	}
	return b.install(ctx, b.variants)
}

// result is what was measured of a variant.
type result struct {
	variant string
	patches []time.Duration // in the order of the rounds, which all variants share
	inside  time.Duration   // of all patches: what the webhook says that it took
	calls                   // of all patches
}

// measure patches a pool of each variant in turn. Every round takes the variants in another order.
func (b *bench) measure(ctx context.Context, size, rounds int) ([]result, error) {
	pools, results := make([]*pool, len(b.variants)), make([]result, len(b.variants))
	for i, v := range b.variants {
		namespace, err := b.namespace(ctx, v)
		if err != nil {
			return nil, err
		}
		if pools[i], err = newPool(ctx, b.Account(), namespace, size); err != nil {
			return nil, err
		}
		results[i].variant = v.name
	}
	const warmUp = 4 // rounds: connections, the API server's caches, the webhooks' memory
	for round := range warmUp + rounds {
		if round == warmUp {
			for i := range results {
				results[i].patches, results[i].inside = nil, 0
			}
			if err := b.countCalls(ctx, results); err != nil {
				return nil, err
			}
		}
		for _, i := range rand.Perm(len(pools)) { //nolint:gosec // nobody guesses an order
			if err := b.patch(ctx, pools[i], &results[i], round%2 == 0); err != nil {
				return nil, fmt.Errorf("%s: %w", results[i].variant, err)
			}
		}
	}
	if err := b.countCalls(ctx, results); err != nil {
		return nil, err
	}
	return results, checkCalls(results)
}

// checkCalls returns an error where a webhook was not called for each patch: it would seem fast.
func checkCalls(results []result) error {
	for _, r := range results {
		if (r.variant == ours || r.variant == typed) && (r.count != len(r.patches) || r.inside == 0) {
			return fmt.Errorf("%s was called %d times for %d patches, and worked for %s", r.variant, r.count, len(r.patches), r.inside)
		}
	}
	return nil
}

// patch has a pod come or go.
func (b *bench) patch(ctx context.Context, p *pool, r *result, comes bool) error {
	before, err := b.inside(ctx, r.variant)
	if err != nil {
		return err
	}
	took, err := p.write(ctx, comes)
	if err != nil {
		return err
	}
	after, err := b.inside(ctx, r.variant)
	if err != nil {
		return err
	}
	r.patches = append(r.patches, took)
	r.inside += after - before
	return nil
}
