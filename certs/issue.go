package certs

import (
	"bytes"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"github.com/open-policy-agent/cert-controller/pkg/rotator"
)

// caKeyFile is the key of the Secret under which the private key of the CA is stored.
const caKeyFile = "ca.key"

const (
	caDuration      = 10 * 365 * 24 * time.Hour
	servingDuration = 90 * 24 * time.Hour
	// renewBefore is the time before the expiry at which a certificate is renewed. Like cert-manager, it renews a serving certificate
	// after two thirds of its duration.
	renewBefore = servingDuration / 3
	// backdate is the age of a new certificate. It tolerates clients whose clocks are slow.
	backdate = time.Hour
)

// issuer creates a CA and serving certificates for one Service. It uses cert-controller.
type issuer struct {
	rotator.CertRotator
}

func newIssuer(service, host string) *issuer {
	return &issuer{rotator.CertRotator{
		CAName:         service + "-ca",
		CAOrganization: service,
		DNSName:        host,
		ExtraDNSNames:  []string{host + ".cluster.local"},
		ExtKeyUsages:   &[]x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}}
}

// issue returns the new content of the Secret at time now, or nil if both certificates in data are valid and not due for renewal. It
// replaces the CA only if the CA is missing, invalid or due for renewal. The bundles are the CA bundles in the webhook
// configurations: their CAs stay in ca.crt, after the CA that signs.
func (i *issuer) issue(data map[string][]byte, bundles [][]byte, now time.Time) (map[string][]byte, error) {
	ca, err := i.authority(data, now)
	switch {
	case err != nil:
		if ca, err = i.CreateCACert(now.Add(-backdate), now.Add(caDuration)); err != nil {
			return nil, fmt.Errorf("cannot create a CA: %w", err)
		}
	case i.valid(ca.CertPEM, data[CertificateFile], data[KeyFile], i.DNSName, i.ExtKeyUsages, now):
		return nil, nil
	}
	chain, key, err := i.CreateCertPEM(ca, now.Add(-backdate), now.Add(servingDuration))
	if err != nil {
		return nil, fmt.Errorf("cannot create a serving certificate: %w", err)
	}
	return map[string][]byte{
		CAFile: overlap(ca.CertPEM, bundles), caKeyFile: ca.KeyPEM, CertificateFile: chain, KeyFile: key,
	}, nil
}

// authority returns the CA in data, or an error if data has no CA that can sign certificates.
func (i *issuer) authority(data map[string][]byte, now time.Time) (*rotator.KeyPairArtifacts, error) {
	chain, key := first(data[CAFile]), data[caKeyFile]
	if !i.valid(chain, chain, key, i.CAName, nil, now) {
		return nil, errors.New("the CA is missing, invalid or due for renewal")
	}
	pair, err := tls.X509KeyPair(chain, key)
	if err != nil {
		return nil, err
	}
	private, ok := pair.PrivateKey.(*rsa.PrivateKey)
	if !ok {
		return nil, errors.New("the key of the CA is not an RSA key")
	}
	return &rotator.KeyPairArtifacts{Cert: pair.Leaf, Key: private, CertPEM: chain, KeyPEM: key}, nil
}

// valid reports whether a certificate is signed by the CA, matches its key, has the name, and is not due for renewal.
func (i *issuer) valid(ca, chain, key []byte, name string, usages *[]x509.ExtKeyUsage, now time.Time) bool {
	valid, err := rotator.ValidCert(ca, chain, key, name, usages, now.Add(renewBefore))
	return err == nil && valid
}

// renewal returns the time at which the first of the two certificates in data is due for renewal.
func renewal(data map[string][]byte) time.Time {
	var due time.Time
	for _, file := range []string{CAFile, CertificateFile} {
		block, _ := pem.Decode(data[file])
		if block == nil {
			continue
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			continue
		}
		if end := certificate.NotAfter.Add(-renewBefore); due.IsZero() || end.Before(due) {
			due = end
		}
	}
	return due
}

// overlap returns the first CA of a bundle, followed by the first CA of each trusted bundle, without duplicates.
func overlap(bundle []byte, trusted [][]byte) []byte {
	joined := first(bundle)
	for _, t := range trusted {
		if ca := first(t); !bytes.Contains(joined, ca) {
			joined = append(joined, ca...)
		}
	}
	return joined
}

// first returns the first PEM block in a text, or nil.
func first(text []byte) []byte {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil
	}
	return pem.EncodeToMemory(block)
}
