package oracle

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/k8snetworkplumbingwg/whereabouts/pkg/api/whereabouts.cni.cncf.io/v1alpha1"
	"k8s.io/apimachinery/pkg/util/validation"
)

// checkDenied reports a new pool that is denied without a reason.
func checkDenied(w write, message string) error {
	if w.old != nil || !usable(w.object) {
		return nil
	}
	return fmt.Errorf("denied, but Whereabouts can use the whole pool: %s\n%s", message, w)
}

// usable reports whether Whereabouts finds no defect in a pool, the range has a notation that all parsers read in the same way,
// and the owners can be pods.
func usable(pool *v1alpha1.IPPool) bool {
	d, err := defectsOf(pool)
	if err != nil || len(d) > 0 {
		return false
	}
	prefix, err := netip.ParsePrefix(pool.Spec.Range)
	if err != nil || prefix.Addr().Is4In6() {
		return false
	}
	for _, allocation := range pool.Spec.Allocations {
		if !isPod(allocation.PodRef) {
			return false
		}
	}
	return true
}

// isPod reports whether Kubernetes accepts the parts of a podref as names of a namespace and a pod.
func isPod(podref string) bool {
	namespace, name, _ := strings.Cut(podref, "/")
	return len(validation.IsDNS1123Label(namespace)) == 0 && len(validation.IsDNS1123Subdomain(name)) == 0
}
