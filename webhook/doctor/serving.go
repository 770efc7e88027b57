package doctor

import (
	"crypto/x509"
	"fmt"
	"time"
)

// checkServingCertificate verifies the certificates that the endpoints of the Service present, as the API server does.
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
	v.passed = fmt.Sprintf("%d ready endpoints present a certificate for %s that the caBundle verifies, valid until %s", verified, c.service.host(), date(c.servingUntil()))
	return v
}

// checkEndpoints returns a problem if the Service has no ready endpoint.
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

// verifyEndpoint returns the first problem of the certificate of an endpoint, for the caBundle of each webhook.
func (c *cluster) verifyEndpoint(e endpoint) []problem {
	switch {
	case !e.reached:
		return []problem{{Warn, fmt.Sprintf("doctor cannot connect to endpoint %s: %v", e.address, e.err), runInPod}}
	case len(e.chain) == 0:
		return []problem{{Fail, fmt.Sprintf("endpoint %s: %v", e.address, e.err), c.showLogs()}}
	}
	for _, bundle := range c.bundles() {
		chains, err := verify(e.chain, bundle, c.service.host(), c.now)
		if err != nil {
			return []problem{{Fail, fmt.Sprintf("endpoint %s: %v", e.address, err), c.replaceCertificate(err)}}
		}
		if problems := expiring(fmt.Sprintf("the certificate of endpoint %s, or of its CA,", e.address), lastChainExpiry(chains), c.now, c.renew()); len(problems) > 0 {
			return problems
		}
	}
	return nil
}

// bundles returns the caBundle of each webhook, without duplicates: the API server verifies each webhook with its own caBundle.
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

// verify verifies a certificate as the API server does.
func verify(chain []*x509.Certificate, bundle, host string, now time.Time) ([][]*x509.Certificate, error) {
	roots, intermediates := x509.NewCertPool(), x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(bundle))
	for _, certificate := range chain[1:] {
		intermediates.AddCert(certificate)
	}
	return chain[0].Verify(x509.VerifyOptions{DNSName: host, Roots: roots, Intermediates: intermediates, CurrentTime: now})
}

// lastChainExpiry returns the time after which no chain is valid.
func lastChainExpiry(chains [][]*x509.Certificate) time.Time {
	var last time.Time
	for _, chain := range chains {
		if expiry := firstExpiry(chain); expiry.After(last) {
			last = expiry
		}
	}
	return last
}

// firstExpiry returns the earliest expiry of the certificates.
func firstExpiry(certificates []*x509.Certificate) time.Time {
	first := certificates[0].NotAfter
	for _, certificate := range certificates {
		if certificate.NotAfter.Before(first) {
			first = certificate.NotAfter
		}
	}
	return first
}

// servingUntil returns the earliest expiry of the serving certificates of all endpoints.
func (c *cluster) servingUntil() time.Time {
	var first time.Time
	for _, e := range c.endpoints.value {
		if len(e.chain) > 0 && (first.IsZero() || e.chain[0].NotAfter.Before(first)) {
			first = e.chain[0].NotAfter
		}
	}
	return first
}
