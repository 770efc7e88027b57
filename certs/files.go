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

// The names of the files in a directory of certificates, and of the keys of a Secret of type kubernetes.io/tls.
const (
	CertificateFile = "tls.crt"
	KeyFile         = "tls.key"
	CAFile          = "ca.crt"
)

const (
	// retryInterval is the time between two attempts to load a pair, or to watch one.
	retryInterval = time.Second
	// rereadInterval is the time between two readings of a pair whose changes are watched, in case that a change goes
	// unnoticed.
	rereadInterval = 10 * time.Second
)

// files is the source of a directory.
type files struct {
	dir     string
	retry   time.Duration
	reread  time.Duration
	log     logr.Logger
	changed func()                                  // to call when the certificate has changed
	watcher atomic.Pointer[certwatcher.CertWatcher] // nil until a pair has been loaded
	failure atomic.Pointer[error]                   // the reason why none has been loaded
}

// NewFiles returns the source that serves tls.crt and tls.key in dir, such as a mounted Secret, and loads them again when
// they change. If the new files cannot be loaded, or have expired, it keeps the current certificate. If there is no certificate
// at first, it waits for one; the log and Check say why.
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

// load tries to load the first pair. It logs a failure if the reason has changed.
func (f *files) load() bool {
	watcher, err := certwatcher.New(filepath.Join(f.dir, CertificateFile), filepath.Join(f.dir, KeyFile))
	if err == nil {
		f.watcher.Store(watcher.WithWatchInterval(f.reread))
		f.changed()
		// In a goroutine, because the first call is made under the watcher's lock.
		watcher.RegisterCallback(func(tls.Certificate) { go f.changed() })
		return true
	}
	err = fmt.Errorf("the directory %s has no certificate to serve: it must have %s and %s in PEM: %w", f.dir, CertificateFile, KeyFile, err)
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

// failures returns the number of times that certwatcher could not read a pair, in the whole process, which has one source.
func failures() float64 {
	var counter dto.Metric
	if err := metrics.ReadCertificateErrors.Write(&counter); err != nil {
		return 0
	}
	return counter.GetCounter().GetValue()
}

// watch keeps the certificate current until ctx ends. Errors do not end it: the certificate that was loaded is still served.
func (f *files) watch(ctx context.Context) error {
	err := wait.PollUntilContextCancel(ctx, f.retry, true, func(context.Context) (bool, error) {
		return f.watcher.Load() != nil || f.load(), nil
	})
	if err != nil {
		return nil //nolint:nilerr // ctx has ended before there was a certificate
	}
	wait.UntilWithContext(ctx, func(ctx context.Context) {
		if err := f.watcher.Load().Start(ctx); err != nil && ctx.Err() == nil {
			f.log.Error(err, "cannot watch the certificate, serving the current one", "dir", f.dir)
		}
	}, f.retry)
	return nil
}
