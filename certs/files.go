package certs

import (
	"context"
	"crypto/tls"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr"
	dto "github.com/prometheus/client_model/go"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/certwatcher"
	"sigs.k8s.io/controller-runtime/pkg/certwatcher/metrics"
)

// The names of the files in a directory of certificates, those of a Secret of type kubernetes.io/tls.
const (
	CertificateFile = "tls.crt"
	KeyFile         = "tls.key"
	CAFile          = "ca.crt"
)

// retryInterval is how long a pair that cannot be loaded, or not be watched, is left alone.
const retryInterval = time.Second

// files is the source of a directory.
type files struct {
	dir     string
	log     logr.Logger
	watcher atomic.Pointer[certwatcher.CertWatcher] // nil until a pair has been loaded
	failure atomic.Pointer[error]                   // why there is none
}

// NewFiles returns the source that serves tls.crt and tls.key in dir, such as a mounted Secret, and loads them again when
// they change. While what is in dir cannot be loaded, or is expired, it keeps the last pair that was good. Where there is none to begin with,
// it waits for one: the log and Check say for what.
func NewFiles(dir string, log logr.Logger) *Source {
	f := &files{dir: dir, log: log}
	f.load()
	return &Source{Name: "files", latest: f.latest, missing: f.missing, failures: unreadable, watch: f.watch, log: log}
}

// load tries to load the first pair, and says why it cannot when the reason is another than before.
func (f *files) load() bool {
	watcher, err := certwatcher.New(filepath.Join(f.dir, CertificateFile), filepath.Join(f.dir, KeyFile))
	if err == nil {
		f.watcher.Store(watcher)
		return true
	}
	err = fmt.Errorf("--cert-dir %s has no certificate to serve, want %s and %s in PEM: %w", f.dir, CertificateFile, KeyFile, err)
	if before := f.failure.Swap(&err); before == nil || (*before).Error() != err.Error() {
		f.log.Info("waiting for a certificate", "reason", err.Error())
	}
	return false
}

func (f *files) latest() *tls.Certificate {
	watcher := f.watcher.Load()
	if watcher == nil {
		return nil
	}
	certificate, err := watcher.GetCertificate(nil)
	if err != nil {
		return nil
	}
	return certificate
}

func (f *files) missing() error { return *f.failure.Load() }

// unreadable returns how often certwatcher could not read a pair. It counts for the whole process, which has one source.
func unreadable() float64 {
	var counter dto.Metric
	if err := metrics.ReadCertificateErrors.Write(&counter); err != nil {
		return 0
	}
	return counter.GetCounter().GetValue()
}

// watch keeps the certificate current until ctx ends. Nothing else ends it: a certificate that is held is served, whatever
// becomes of the files.
func (f *files) watch(ctx context.Context) error {
	err := wait.PollUntilContextCancel(ctx, retryInterval, true, func(context.Context) (bool, error) {
		return f.watcher.Load() != nil || f.load(), nil
	})
	if err != nil {
		return nil //nolint:nilerr // ctx has ended before there was a certificate
	}
	wait.UntilWithContext(ctx, func(ctx context.Context) {
		if err := f.watcher.Load().Start(ctx); err != nil && ctx.Err() == nil {
			f.log.Error(err, "cannot watch the certificate, serving the last one", "dir", f.dir)
		}
	}, retryInterval)
	return nil
}
