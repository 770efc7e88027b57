package doctor

import "fmt"

// checkCertManager checks that cert-manager is available. cert-manager is the default certificate source.
func (s *preflightCluster) checkCertManager() verdict {
	var v verdict
	switch {
	case s.certManager.missing():
		v.fail("cert-manager is not installed", installCertManager)
	case s.certManager.err != nil:
		v.add(s.certManager.problem())
	case s.controllers.err != nil:
		v.add(s.controllers.problem())
	}
	ready := 0
	for _, d := range s.controllers.value.Items {
		if d.Status.AvailableReplicas == 0 {
			v.warn(fmt.Sprintf("Deployment %s/%s of cert-manager is not available", d.Namespace, d.Name), showPods(d.Namespace))
			continue
		}
		ready++
	}
	v.passed = fmt.Sprintf("cert-manager is installed, and %d of its Deployments are available", ready)
	if ready == 0 && len(v.problems) == 0 {
		v.warn("the CRDs of cert-manager are installed, but there is no Deployment of cert-manager", installCertManager)
	}
	return v
}
