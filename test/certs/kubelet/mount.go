package kubelet

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Mount is a Secret that is mounted into a folder. The files change some time after the Secret, as with a kubelet. If the
// Secret is deleted, the files stay, as in a running pod.
type Mount struct {
	Dir string

	lag     time.Duration
	gate    sync.Mutex // held while updates are stopped
	latest  atomic.Pointer[corev1.Secret]
	changed chan struct{} // buffer for one event
	failed  func(error)
}

// NewMount mounts a Secret into a folder until ctx ends. The Secret can be created later. Each version is written after lag. A
// version can be skipped if the next one comes before that. NewMount passes errors to failed.
func NewMount(ctx context.Context, client kubernetes.Interface, secret types.NamespacedName, dir string, lag time.Duration, failed func(error)) (*Mount, error) {
	m := &Mount{Dir: dir, lag: lag, changed: make(chan struct{}, 1), failed: failed}
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithNamespace(secret.Namespace),
		informers.WithTweakListOptions(func(o *metav1.ListOptions) {
			o.FieldSelector = fields.OneTermEqualSelector(metav1.ObjectNameField, secret.Name).String()
		}))
	_, err := factory.Core().V1().Secrets().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    m.note,
		UpdateFunc: func(_, secret any) { m.note(secret) },
	})
	if err != nil {
		return nil, err
	}
	factory.Start(ctx.Done())
	go m.follow(ctx)
	return m, nil
}

// Hold stops updates until Release.
func (m *Mount) Hold() { m.gate.Lock() }

// Release ends Hold. The latest version is then written.
func (m *Mount) Release() { m.gate.Unlock() }

// note records a version of the Secret.
func (m *Mount) note(version any) {
	secret, ok := version.(*corev1.Secret)
	if !ok {
		return
	}
	m.latest.Store(secret)
	select {
	case m.changed <- struct{}{}:
	default: // follow has not handled the previous version yet
	}
}

func (m *Mount) follow(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.changed:
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(m.lag):
		}
		if err := m.write(); err != nil {
			m.failed(err)
		}
	}
}

func (m *Mount) write() error {
	m.gate.Lock()
	defer m.gate.Unlock()
	return Project(m.Dir, m.latest.Load().Data)
}
