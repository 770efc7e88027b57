package certs

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"

	certutil "k8s.io/client-go/util/cert"
)

// NewDev returns the source that serves a certificate for localhost, made in memory with a CA of its own, whose
// certificate it writes to ca.crt in dir. It is for trying things out: both are new at every start.
func NewDev(dir string) (*Source, error) {
	chain, key, err := certutil.GenerateSelfSignedCertKey("localhost", []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}, nil)
	if err != nil {
		return nil, fmt.Errorf("cannot make a certificate: %w", err)
	}
	certificate, err := tls.X509KeyPair(chain, key)
	if err != nil {
		return nil, fmt.Errorf("cannot use the certificate that was made: %w", err)
	}
	if err := writeCA(dir, chain); err != nil {
		return nil, err
	}
	return &Source{
		Name:     "dev",
		latest:   func() *tls.Certificate { return &certificate },
		failures: func() float64 { return 0 },
		watch: func(ctx context.Context) error {
			<-ctx.Done()
			return nil
		},
	}, nil
}

// writeCA writes the certificate that ends the chain. It renames a complete file into place, so that nobody reads half a
// certificate.
func writeCA(dir string, chain []byte) error {
	_, ca := pem.Decode(chain)
	if len(ca) == 0 {
		return errors.New("the certificate that was made has no CA")
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("cannot make --cert-dir: %w", err)
	}
	path := filepath.Join(dir, CAFile)
	if err := os.WriteFile(path+".new", ca, 0o600); err != nil {
		return fmt.Errorf("cannot write the CA: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("cannot write the CA: %w", err)
	}
	return nil
}
