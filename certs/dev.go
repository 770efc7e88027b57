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

// NewDev returns the source that serves a certificate for localhost. It creates a CA and the certificate at each start, keeps their
// keys in memory, and writes the CA to ca.crt in dir. It is for development only.
func NewDev(dir string) (*Source, error) {
	chain, key, err := certutil.GenerateSelfSignedCertKey("localhost", []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}, nil)
	if err != nil {
		return nil, fmt.Errorf("cannot create a certificate: %w", err)
	}
	certificate, err := tls.X509KeyPair(chain, key)
	if err != nil {
		return nil, fmt.Errorf("cannot load the new certificate: %w", err)
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

// writeCA writes the CA, which is the rest of the chain after the first certificate. It writes a temporary file and renames it:
// readers never see an incomplete certificate.
func writeCA(dir string, chain []byte) error {
	_, ca := pem.Decode(chain)
	if len(ca) == 0 {
		return errors.New("the new certificate has no CA")
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("cannot create the directory of ca.crt: %w", err)
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
