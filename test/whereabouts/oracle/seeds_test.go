package oracle

import (
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
)

// counts counts the cases of a property by kind. A test uses it to detect that a kind never occurs.
type counts map[string]int

// require fails the test if a kind of case occurred less often than required.
func (c counts) require(t *testing.T, what string, least int) {
	t.Helper()
	if c[what] < least {
		t.Errorf("%q occurred %d times, want at least %d", what, c[what], least)
	}
}

// property tests one case, which r determines. It returns an error if the case violates the property.
type property func(hook *webhook, r *rand.Rand, met counts) error

// forSeeds tests a property with n cases, on all processors. The cases are the same in each run.
func forSeeds(t *testing.T, n int, try property) counts {
	t.Helper()
	workers := runtime.GOMAXPROCS(0)
	met := make([]counts, workers)
	var done sync.WaitGroup
	for worker := range workers {
		met[worker] = counts{}
		hook := newWebhook(t)
		done.Go(func() {
			for seed := worker; seed < n; seed += workers {
				if err := try(hook, rand.New(rand.NewPCG(uint64(seed), 0)), met[worker]); err != nil {
					t.Errorf("with seed %d: %v", seed, err)
					return
				}
			}
		})
	}
	done.Wait()
	total := counts{}
	for _, part := range met {
		for what, n := range part {
			total[what] += n
		}
	}
	t.Logf("%d cases: %v", n, total)
	if t.Failed() {
		t.FailNow() // after a failure, the counts are incomplete
	}
	return total
}

// pick returns one of the choices.
func pick[T any](r *rand.Rand, choices ...T) T { return choices[r.IntN(len(choices))] }

// oneIn is true in one of n cases.
func oneIn(r *rand.Rand, n int) bool { return r.IntN(n) == 0 }
