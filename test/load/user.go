package load

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"ippool-webhook/test/environment"
)

// perSecond is the number of requests of a client per second: enough for requests at every moment, but few enough for other
// work of the machine.
const perSecond = 25

// User is a user who writes pools.
type User struct {
	Name      string
	Config    *rest.Config
	Namespace string
	// Observed is true if the requests of the user are in observe mode. Warnings show that they were validated.
	Observed bool
}

// client sends the requests of a user.
type client struct {
	User
	number   int
	pools    dynamic.ResourceInterface
	warnings []string // warnings of the current request
	load     *Load
}

func newClient(u User, number int, l *Load) (*client, error) {
	c := &client{User: u, number: number, load: l}
	config := rest.CopyConfig(u.Config)
	config.QPS, config.Burst = perSecond, 1
	config.WarningHandler = c
	pools, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	c.pools = pools.Resource(environment.PoolResource()).Namespace(u.Namespace)
	return c, nil
}

// HandleWarningHeader implements rest.WarningHandler.
func (c *client) HandleWarningHeader(_ int, _, text string) { c.warnings = append(c.warnings, text) }

// write writes one pool after the other until ctx ends. After a failure, it skips the remaining steps of the pool.
func (c *client) write(ctx context.Context) {
	for i := 0; ctx.Err() == nil; i++ {
		for _, step := range c.life(i) {
			if ctx.Err() != nil {
				return
			}
			if err := c.take(context.WithoutCancel(ctx), step); err != nil {
				c.load.fail(fmt.Errorf("%s: %s: %w", c.Name, step.what, err))
				break
			}
		}
	}
}

// step is a request and its expected result.
type step struct {
	what string
	send func(context.Context) error
	rule string // rule that denies it, or empty if it must be allowed
}

// life returns the steps of a valid pool, and of a pool that must be denied.
func (c *client) life(i int) []step {
	network := fmt.Sprintf("10.%d.%d", c.number, i%250)
	good, bad := fmt.Sprintf("%s.0-24.%d", network, i), fmt.Sprintf("%s.1-24.%d", network, i)
	return []step{
		{"create", c.create(good, c.empty(network)), ""},
		{"allocate", c.patch(good, `{"spec":{"allocations":{"5":{"id":"a","podref":"default/a"}}}}`), ""},
		{"allocate with an invalid podref", c.patch(good, `{"spec":{"allocations":{"6":{"id":"b","podref":"b"}}}}`), "podref-syntax"},
		{"release", c.patch(good, `{"spec":{"allocations":{"5":null,"6":null}}}`), ""},
		{"delete", c.remove(good), ""},
		{"create with host bits", c.create(bad, map[string]any{
			"range": network + ".1/24", "allocations": map[string]any{"5": map[string]any{"id": "a", "podref": "default/a"}},
		}), "range-host-bits"},
	}
}

// empty returns the spec of a pool without allocations. In enforce mode, the mutating webhook adds the missing allocations
// field.
func (c *client) empty(network string) map[string]any {
	spec := map[string]any{"range": network + ".0/24"}
	if c.Observed {
		spec["allocations"] = map[string]any{}
	}
	return spec
}

// take runs a step. It returns an error unless the answer is the expected one.
func (c *client) take(ctx context.Context, s step) error {
	c.warnings = nil
	start := time.Now()
	err := s.send(ctx)
	c.load.answered(time.Since(start))
	if s.rule == "" {
		return err
	}
	mark := "(rule " + s.rule + ")"
	if c.Observed {
		if err == nil && !slices.ContainsFunc(c.warnings, func(text string) bool { return strings.Contains(text, mark) }) {
			return fmt.Errorf("allowed without a warning %s, so it was not validated", mark)
		}
		return err
	}
	if err == nil {
		return fmt.Errorf("allowed: must be denied with 422 %s", mark)
	}
	if !apierrors.IsInvalid(err) || !strings.Contains(err.Error(), mark) {
		return fmt.Errorf("must be denied with 422 %s: %w", mark, err)
	}
	c.load.denied.Add(1)
	return nil
}

func (c *client) create(name string, spec map[string]any) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := c.pools.Create(ctx, &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": environment.PoolResource().GroupVersion().String(), "kind": "IPPool",
			"metadata": map[string]any{"name": name}, "spec": spec,
		}}, metav1.CreateOptions{})
		return err
	}
}

func (c *client) patch(name, patch string) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := c.pools.Patch(ctx, name, types.MergePatchType, []byte(patch), metav1.PatchOptions{})
		return err
	}
}

func (c *client) remove(name string) func(context.Context) error {
	return func(ctx context.Context) error { return c.pools.Delete(ctx, name, metav1.DeleteOptions{}) }
}
