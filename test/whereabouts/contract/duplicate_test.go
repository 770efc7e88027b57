package contract

import (
	"testing"

	"ippool-webhook/test/whereabouts/cluster"
)

// TestDuplicateAddress checks the address that a pod gets in an outage. With one webhook for all, no pool records it. The
// reservation keeps it for its pod only until the next clean-up of Whereabouts, and then another pod gets the same address.
func TestDuplicateAddress(t *testing.T) {
	t.Run("shipped", func(t *testing.T) {
		if first, second := startTwo(t, "early"); first == second {
			t.Errorf("both pods got %s", first)
		}
	})
	t.Run("for all", func(t *testing.T) {
		configureForAll(t, nil)
		if first, second := startTwo(t, "late"); first != second {
			t.Errorf("the pods got %s and %s, want one address, as docs/outages.md describes", first, second)
		}
	})
}

// startTwo starts a pod in an outage and another one after it, with a clean-up of Whereabouts between them, and returns their
// addresses.
func startTwo(t *testing.T, name string) (first, second string) {
	t.Helper()
	s := newNode(t, cluster.Network{Range: "10.0.0.0/24"})
	s.mustAdd(t, in("before-"+name)) // creates the pool
	stop(t)
	pod := in(name)
	first = s.mustAdd(t, pod)
	if err := suite.MakePod(t.Context(), s.Runtime, pod, first); err != nil {
		t.Fatal(err)
	}
	run("")(t)
	if err := suite.MakePod(t.Context(), s.Runtime, in("before-"+name), "10.0.0.1"); err != nil {
		t.Fatal(err)
	}
	if err := s.Reconcile(); err != nil {
		t.Fatal(err)
	}
	return first, s.mustAdd(t, in("after"))
}

// TestWithoutReservations shows that an unrecorded address requires two requests: an update of the pool that fails, and a
// reservation that succeeds. Without reservations the pod does not start.
func TestWithoutReservations(t *testing.T) {
	configureForAll(t, nil)
	r := row{isGone(), outcome{Add: failed(), Del: leaked(), Rejected: true}}
	if got := r.measure(t, cluster.Network{Range: "10.0.0.0/24", OverlappingRanges: new(false)}); got.outcome != r.want {
		t.Errorf("outcome %+v, want %+v", got.outcome, r.want)
	}
}

// TestFirstPodOfRange shows that in a range without a pool, an outage with one webhook for all prevents the pod start. In the
// default installation it has no effect.
func TestFirstPodOfRange(t *testing.T) {
	other := cluster.Network{Range: "10.0.7.0/24"}
	t.Run("shipped", func(t *testing.T) {
		s := newNode(t, other)
		stop(t)
		s.mustAdd(t, in("web-0"))
	})
	t.Run("for all", func(t *testing.T) {
		configureForAll(t, nil)
		s := newNode(t, other)
		stop(t)
		if addresses, err := s.Add(t.Context(), s.network, in("web-0")); err == nil {
			t.Errorf("web-0 got %v, want an error", addresses)
		}
	})
}

// mustAdd assigns an address to an interface and returns it.
func (s scene) mustAdd(t *testing.T, i cluster.Interface) string {
	t.Helper()
	addresses, err := s.Add(t.Context(), s.network, i)
	if err != nil {
		t.Fatal(err)
	}
	return addresses[0].Addr().String()
}
