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

// caKeyFile is the key of the Secret that holds the private key of the CA.
const caKeyFile = "ca.key"

const (
	caDuration      = 10 * 365 * 24 * time.Hour
	servingDuration = 90 * 24 * time.Hour
	// renewBefore is the time before the end of a certificate at which it is renewed: a serving certificate after two thirds of
	// its life, as cert-manager does.
	renewBefore = servingDuration / 3
	// backdate is the age of a new certificate, for clients whose clocks are late.
	backdate = time.Hour
)

// issuer makes a CA and serving certificates for one Service, with cert-controller.
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

// issue returns the content of the Secret that replaces data at time now, or nil if both certificates in data are valid and not
// due for renewal. A new serving certificate comes from the CA in data, unless that is to be replaced too. The bundles are those
// that the webhook configurations trust: their CAs stay in ca.crt, behind the one that signs.
func (i *issuer) issue(data map[string][]byte, bundles [][]byte, now time.Time) (map[string][]byte, error) {
	ca, err := i.authority(data, now)
	switch {
	case err != nil:
		if ca, err = i.CreateCACert(now.Add(-backdate), now.Add(caDuration)); err != nil {
			return nil, fmt.Errorf("cannot make a CA: %w", err)
		}
	case i.valid(ca.CertPEM, data[CertificateFile], data[KeyFile], i.DNSName, i.ExtKeyUsages, now):
		return nil, nil
	}
	chain, key, err := i.CreateCertPEM(ca, now.Add(-backdate), now.Add(servingDuration))
	if err != nil {
		return nil, fmt.Errorf("cannot make a serving certificate: %w", err)
	}
	return map[string][]byte{
		CAFile: overlap(ca.CertPEM, bundles), caKeyFile: ca.KeyPEM, CertificateFile: chain, KeyFile: key,
	}, nil
}

// authority returns the CA in data, or an error if data has no CA that can sign certificates.
func (i *issuer) authority(data map[string][]byte, now time.Time) (*rotator.KeyPairArtifacts, error) {
	chain, key := first(data[CAFile]), data[caKeyFile]
	if !i.valid(chain, chain, key, i.CAName, nil, now) {
		return nil, errors.New("there is no CA, or it is due for renewal")
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

// overlap returns the CA at the beginning of a bundle, followed by the CAs at the beginning of the trusted bundles, each once.
func overlap(bundle []byte, trusted [][]byte) []byte {
	joined := first(bundle)
	for _, t := range trusted {
		if ca := first(t); !bytes.Contains(joined, ca) {
			joined = append(joined, ca...)
		}
	}
	return joined
}

// first returns the first block of a PEM text, or nil if there is no block.
func first(text []byte) []byte {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil
	}
	return pem.EncodeToMemory(block)
}
