package doctor

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"
)

// warnBefore is the time before the expiry of a certificate at which doctor starts to warn.
const warnBefore = 14 * 24 * time.Hour

// checkCABundle checks the CAs that the API server trusts, in every webhook.
func checkCABundle(c *cluster) verdict {
	webhooks := c.webhooks()
	if len(webhooks) == 0 {
		return c.withoutWebhook("webhook")
	}
	var v verdict
	var latest time.Time
	for _, w := range webhooks {
		bundle, err := parseCertificates(w.ClientConfig.CABundle)
		if err != nil {
			v.fail(fmt.Sprintf("caBundle of %s %v", w.Name, err), c.injectCA())
			continue
		}
		latest = lastExpiry(bundle)
		v.add(expiring("the CA in caBundle of "+w.Name, latest, c.now, c.injectCA())...)
		if first := webhooks[0]; !bytes.Equal(w.ClientConfig.CABundle, first.ClientConfig.CABundle) {
			v.warn(fmt.Sprintf("caBundle of %s differs from caBundle of %s", w.Name, first.Name), c.injectCA())
		}
	}
	v.passed = fmt.Sprintf("%d webhooks have the same caBundle, valid until %s", len(webhooks), date(latest))
	return v
}

// parseCertificates reads certificates in PEM. Like the API server, it ignores text outside PEM blocks.
func parseCertificates(text []byte) ([]*x509.Certificate, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, errors.New("is empty")
	}
	var certificates []*x509.Certificate
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("is not a list of certificates in PEM: it contains a block %q", block.Type)
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("contains an invalid certificate: %w", err)
		}
		certificates = append(certificates, certificate)
	}
	if len(certificates) == 0 {
		return nil, errors.New("is not a list of certificates in PEM")
	}
	return certificates, nil
}

// lastExpiry returns the latest expiry of the certificates. After a rotation, a bundle can still contain old certificates.
func lastExpiry(certificates []*x509.Certificate) time.Time {
	var last time.Time
	for _, certificate := range certificates {
		if certificate.NotAfter.After(last) {
			last = certificate.NotAfter
		}
	}
	return last
}

// expiring returns a problem if a certificate has expired or expires within warnBefore.
func expiring(what string, at, now time.Time, remedy string) []problem {
	switch left := at.Sub(now); {
	case left <= 0:
		return []problem{{Fail, fmt.Sprintf("%s expired at %s", what, date(at)), remedy}}
	case left <= warnBefore:
		return []problem{{Warn, fmt.Sprintf("%s expires at %s", what, date(at)), remedy}}
	default:
		return nil
	}
}

func date(at time.Time) string { return at.UTC().Format(time.RFC3339) }
