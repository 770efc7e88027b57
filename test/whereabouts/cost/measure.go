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
)

// bench is a cluster for measurements.
type bench struct {
	*cluster.Cluster
	*configurations

	variants []variant
	peers    *peers
}

// measure measures all variants for each number of allocations, and prints a table.
func measure(ctx context.Context, sizes []int, rounds int, alternatives bool) error {
	c, err := cluster.Start(ctx, environment.Options{Components: []string{"whereabouts-observe"}})
	if err != nil {
		return err
	}
	b := &bench{Cluster: c}
	err = b.run(ctx, sizes, rounds, alternatives)
	return errors.Join(err, b.peers.stop(), c.Stop(context.WithoutCancel(ctx)))
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
			return fmt.Errorf("pool of %d allocations: %w", size, err)
		}
		if err := report(os.Stdout, size, results); err != nil {
			return err
		}
	}
	return nil
}

// prepare starts the peers and installs the variants.
func (b *bench) prepare(ctx context.Context, alternatives bool) error {
	client, err := kubernetes.NewForConfig(b.Admin())
	if err != nil {
		return err
	}
	if b.configurations, err = readConfigurations(ctx, client); err != nil {
		return err
	}
	if b.peers, err = startPeers(ctx, b.Webhook.CertDir()); err != nil {
		return err
	}
	b.variants = b.configurations.variants("https://" + b.peers.address)
	if alternatives {
		b.variants = append(b.variants, b.alternatives()...)
	}
	return b.install(ctx, b.variants)
}

// result is the measurement of a variant.
type result struct {
	variant
	// PATCHes of pods that start and that end, in the order of the rounds, which all variants share.
	starts, ends []time.Duration
	inside       time.Duration // duration of all calls, measured inside the webhook
	calls
}

// measure starts and ends a pod in a pool of each variant. Each round uses a random order of the variants.
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
		results[i].variant = v
	}
	const warmUp = 2 // rounds to warm up connections, caches of the API server and memory of the webhooks
	for round := range warmUp + rounds {
		if round == warmUp {
			for i := range results {
				results[i].starts, results[i].ends, results[i].inside = nil, nil, 0
			}
			if err := b.countCalls(ctx, results); err != nil {
				return nil, err
			}
		}
		for _, i := range rand.Perm(len(pools)) { //nolint:gosec // the order is no secret
			if err := b.patch(ctx, pools[i], &results[i]); err != nil {
				return nil, fmt.Errorf("%s: %w", results[i].name, err)
			}
		}
	}
	if err := b.countCalls(ctx, results); err != nil {
		return nil, err
	}
	return results, checkCalls(results)
}

// checkCalls returns an error if a webhook was not called or did not answer, because its result would be wrong.
func checkCalls(results []result) error {
	for _, r := range results {
		if want := r.perPod * len(r.starts); r.count != want || r.unanswered > 0 || (r.inside > 0) != (want > 0) {
			return fmt.Errorf("%s: %d webhook calls for %d pods, must be %d; %d without an answer; %s inside the webhook",
				r.name, r.count, len(r.starts), want, r.unanswered, r.inside)
		}
	}
	return nil
}

// patch starts and ends a pod.
func (b *bench) patch(ctx context.Context, p *pool, r *result) error {
	before, err := b.inside(ctx, r.name)
	if err != nil {
		return err
	}
	start, err := p.write(ctx, true)
	if err != nil {
		return err
	}
	end, err := p.write(ctx, false)
	if err != nil {
		return err
	}
	after, err := b.inside(ctx, r.name)
	if err != nil {
		return err
	}
	r.starts, r.ends = append(r.starts, start), append(r.ends, end)
	r.inside += after - before
	return nil
}
