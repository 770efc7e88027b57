package doctor

import (
	"crypto/x509"
	"fmt"
	"time"
)

// checkServingCertificate verifies, as the API server does, what the endpoints of the Service present.
func checkServingCertificate(c *cluster) verdict {
	if c.service == nil {
		return c.noService()
	}
	if v := c.checkEndpoints(); len(v.problems) > 0 {
		return v
	}
	var v verdict
	verified := 0
	for _, e := range c.endpoints.value {
		problems := c.verifyEndpoint(e)
		if v.add(problems...); len(problems) == 0 {
			verified++
		}
	}
	if len(c.endpoints.value) < 2 {
		v.warn("only 1 endpoint is ready: every restart is an outage", c.scale())
	}
	v.passed = fmt.Sprintf("%d ready endpoints present a certificate for %s that the caBundle verifies, until %s", verified, c.service.host(), date(c.servingUntil()))
	return v
}

// checkEndpoints says why there is no endpoint to ask.
func (c *cluster) checkEndpoints() verdict {
	var v verdict
	switch {
	case c.serviceSpec.missing():
		v.fail("there is no Service "+c.service.String(), reapply)
	case c.serviceSpec.err != nil:
		v.add(c.serviceSpec.problem())
	case c.endpoints.err != nil:
		v.add(c.endpoints.problem())
	case len(c.endpoints.value) == 0:
		v.fail(fmt.Sprintf("Service %s has no ready endpoint for port %d", c.service, c.service.port),
			c.showServingPods())
	}
	return v
}

// verifyEndpoint returns what is wrong with what an endpoint presents, for any of the bundles that the webhooks have.
func (c *cluster) verifyEndpoint(e endpoint) []problem {
	switch {
	case !e.reached:
		return []problem{{Warn, fmt.Sprintf("endpoint %s cannot be reached from here: %v", e.address, e.err), runInPod}}
	case len(e.chain) == 0:
		return []problem{{Fail, fmt.Sprintf("endpoint %s: %v", e.address, e.err), c.showLogs()}}
	}
	for _, bundle := range c.bundles() {
		chains, err := verify(e.chain, bundle, c.service.host(), c.now)
		if err != nil {
			return []problem{{Fail, fmt.Sprintf("endpoint %s: %v", e.address, err), c.replaceCertificate(err)}}
		}
		if problems := expiring(fmt.Sprintf("the certificate of endpoint %s, or of its CA,", e.address), chainExpiry(chains), c.now, c.renew()); len(problems) > 0 {
			return problems
		}
	}
	return nil
}

// bundles returns the different bundles in the webhooks: the API server calls each webhook with its own.
func (c *cluster) bundles() []string {
	var bundles []string
	seen := map[string]bool{}
	for _, e := range c.webhooks() {
		if bundle := string(e.ClientConfig.CABundle); !seen[bundle] {
			seen[bundle] = true
			bundles = append(bundles, bundle)
		}
	}
	return bundles
}

// verify does what the API server does with a certificate.
func verify(chain []*x509.Certificate, bundle, host string, now time.Time) ([][]*x509.Certificate, error) {
	roots, intermediates := x509.NewCertPool(), x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(bundle))
	for _, certificate := range chain[1:] {
		intermediates.AddCert(certificate)
	}
	return chain[0].Verify(x509.VerifyOptions{DNSName: host, Roots: roots, Intermediates: intermediates, CurrentTime: now})
}

// chainExpiry returns when the last of the chains ends, each of which ends with the first of its certificates.
func chainExpiry(chains [][]*x509.Certificate) time.Time {
	var last time.Time
	for _, chain := range chains {
		first := chain[0].NotAfter
		for _, certificate := range chain {
			if certificate.NotAfter.Before(first) {
				first = certificate.NotAfter
			}
		}
		if first.After(last) {
			last = first
		}
	}
	return last
}

// servingUntil returns when the first serving certificate expires.
func (c *cluster) servingUntil() time.Time {
	var first time.Time
	for _, e := range c.endpoints.value {
		if len(e.chain) > 0 && (first.IsZero() || e.chain[0].NotAfter.Before(first)) {
			first = e.chain[0].NotAfter
		}
	}
	return first
}
