package certs

import (
	"crypto/tls"
	"fmt"
	"path/filepath"

	"sigs.k8s.io/controller-runtime/pkg/certwatcher"
)

// The names of the files in a directory of certificates, those of a Secret of type kubernetes.io/tls.
const (
	CertificateFile = "tls.crt"
	KeyFile         = "tls.key"
	CAFile          = "ca.crt"
)

// NewFiles returns the source that serves tls.crt and tls.key in dir, such as a mounted Secret, and loads them again when
// they change. While what is in dir cannot be loaded, it keeps the last pair that could. It is an error when there is no
// pair to begin with.
func NewFiles(dir string) (*Source, error) {
	watcher, err := certwatcher.New(filepath.Join(dir, CertificateFile), filepath.Join(dir, KeyFile))
	if err != nil {
		return nil, fmt.Errorf("--cert-dir %s has no certificate to serve, want %s and %s in PEM: %w", dir, CertificateFile, KeyFile, err)
	}
	current := func() *tls.Certificate {
		certificate, err := watcher.GetCertificate(nil)
		if err != nil {
			return nil
		}
		return certificate
	}
	return &Source{current: current, watch: watcher.Start}, nil
}
