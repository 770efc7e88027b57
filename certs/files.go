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

// The names of the files in the certificate directory. A Secret of type kubernetes.io/tls has keys with the same names.
const (
	CertificateFile = "tls.crt"
	KeyFile         = "tls.key"
	CAFile          = "ca.crt"
)

const (
	// retryInterval is the time between two attempts to load or to watch a key pair.
	retryInterval = time.Second
	// rereadInterval is the time between two reads of a key pair. The files are also watched, but a watch can miss a change.
	rereadInterval = 10 * time.Second
)

// files is the source that reads a directory.
type files struct {
	dir     string
	retry   time.Duration
	reread  time.Duration
	log     logr.Logger
	changed func()                                  // called when the certificate has changed
	watcher atomic.Pointer[certwatcher.CertWatcher] // nil until a key pair has been loaded
	failure atomic.Pointer[error]                   // why no key pair has been loaded
}

// NewFiles returns the source that serves tls.crt and tls.key in dir, for example a mounted Secret. It loads them again when they
// change. If it cannot load the new certificate, or if the new certificate is not valid, it keeps the current one. Without a
// certificate at the start, it waits for one, logs the reason, and returns the reason from Check.
func NewFiles(dir string, log logr.Logger) *Source {
	return newFiles(dir, retryInterval, rereadInterval, log)
}

func newFiles(dir string, retry, reread time.Duration, log logr.Logger) *Source {
	f := &files{dir: dir, retry: retry, reread: reread, log: log}
	source := &Source{Name: "files", latest: f.latest, missing: f.missing, failures: failures, watch: f.watch, log: log}
	f.changed = func() { source.refresh() }
	f.load()
	return source
}

// load tries to load the first key pair. It logs a failure if the reason has changed.
func (f *files) load() bool {
	watcher, err := certwatcher.New(filepath.Join(f.dir, CertificateFile), filepath.Join(f.dir, KeyFile))
	if err == nil {
		f.watcher.Store(watcher.WithWatchInterval(f.reread))
		f.changed()
		// RegisterCallback calls the function while it holds a lock that changed needs.
		watcher.RegisterCallback(func(tls.Certificate) { go f.changed() })
		return true
	}
	err = fmt.Errorf("the directory %s has no certificate to serve: it must contain %s and %s in PEM: %w", f.dir, CertificateFile, KeyFile, err)
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

// failures returns how often certwatcher could not read a key pair. The counter is for the whole process, which has only one source.
func failures() float64 {
	var counter dto.Metric
	if err := metrics.ReadCertificateErrors.Write(&counter); err != nil {
		return 0
	}
	return counter.GetCounter().GetValue()
}

// watch keeps the certificate current until ctx ends. It continues after errors: the source still serves the current certificate.
func (f *files) watch(ctx context.Context) error {
	err := wait.PollUntilContextCancel(ctx, f.retry, true, func(context.Context) (bool, error) {
		return f.watcher.Load() != nil || f.load(), nil
	})
	if err != nil {
		return nil //nolint:nilerr // ctx ended before there was a certificate
	}
	wait.UntilWithContext(ctx, func(ctx context.Context) {
		if err := f.watcher.Load().Start(ctx); err != nil && ctx.Err() == nil {
			f.log.Error(err, "cannot watch the certificate; keeping the current certificate", "dir", f.dir)
		}
	}, f.retry)
	return nil
}
