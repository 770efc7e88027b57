package doctor

import (
	"slices"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// checkLineage is checkCRD. If the check passes, the message also names the lineage of Whereabouts.
func (s *preflightCluster) checkLineage() verdict {
	v := checkCRD(s.cluster)
	if s.crd.err == nil {
		v.passed += " (" + lineage(s.crd.value) + ")"
	}
	return v
}

// lineage returns the lineage of Whereabouts according to the fields of its CRD.
func lineage(crd *apiextensionsv1.CustomResourceDefinition) string {
	served := servedVersion(crd)
	if served == nil {
		return "unknown lineage"
	}
	fields := definedFields(served.Schema)
	switch {
	case slices.Contains(fields, "spec.enable_l3"):
		return "the telekom fork of Whereabouts"
	case slices.Contains(fields, "spec.allocations.*.ipamclaimref"):
		return "Whereabouts with IPAM claims"
	case slices.Contains(fields, "spec.allocations.*.ifname"):
		return "Whereabouts v0.8 or later"
	default:
		return "Whereabouts up to v0.7"
	}
}
