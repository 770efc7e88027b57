package certs

import (
	"bytes"
	"context"
	"encoding/pem"
	"time"

	"github.com/open-policy-agent/cert-controller/pkg/rotator"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"
)

// How long a serving certificate is valid, and how long before its end it is renewed: after two thirds, as cert-manager
// does. The CA, which lives for cert-controller's ten years, is renewed as long before its end.
const (
	servingDuration = 90 * 24 * time.Hour
	renewBefore     = servingDuration / 3
)

// addRotator adds cert-controller's rotator: it fills the Secret, renews what is in it before it expires, and writes the CA
// into the webhook configurations. It looks at every change, and at least once a day: its cache tells of everything anew every
// ten hours, for the first time after twenty.
func (m *selfManaged) addRotator(mgr manager.Manager, name string) error {
	return rotator.AddRotator(&rotatorManager{mgr, &overlappingClient{mgr.GetClient(), m}}, &rotator.CertRotator{
		ControllerName:     name,
		SecretKey:          m.Secret,
		CAName:             m.Service + "-ca",
		CAOrganization:     m.Service,
		DNSName:            m.host(),
		ExtraDNSNames:      []string{m.host() + ".cluster.local"},
		ServerCertDuration: servingDuration,
		LookaheadInterval:  renewBefore,
		FieldOwner:         "ippool-webhook",
		Webhooks: []rotator.WebhookInfo{
			{Name: m.Webhooks, Type: rotator.Validating},
			{Name: m.Webhooks, Type: rotator.Mutating},
		},
	})
}

// rotatorManager is a manager as the rotator shall see it.
type rotatorManager struct {
	manager.Manager
	client client.Client
}

// GetClient returns the client through which the rotator writes.
func (m *rotatorManager) GetClient() client.Client { return m.client }

// Add leaves out the rotator's own loop, which waits for the Secret to be mounted and ends the process where it is not. The
// Secret is not mounted here: what is served comes from the API server, without the minutes that a kubelet takes. All else
// that the loop does, the controller beside it does too.
func (m *rotatorManager) Add(r manager.Runnable) error {
	if _, loop := r.(*rotator.CertRotator); loop {
		return nil
	}
	return m.Manager.Add(r)
}

// overlappingClient keeps the CA that was trusted before in the Secret, behind a new one. The rotator writes both into the
// webhook configurations, where its own would be gone at once, and with it the trust in what is still served.
type overlappingClient struct {
	client.Client
	source *selfManaged
}

// Update implements client.Client. The source tells of what it could not write: the rotator merely tries again.
func (c *overlappingClient) Update(ctx context.Context, o client.Object, options ...client.UpdateOption) error {
	if secret, ok := o.(*corev1.Secret); ok {
		bundles, err := c.source.bundles(ctx, c)
		if err != nil {
			return err
		}
		secret.Data[CAFile] = overlap(secret.Data[CAFile], bundles)
	}
	err := c.Client.Update(ctx, o, options...)
	if err != nil && !apierrors.IsConflict(err) { // with another replica, which has done it
		c.source.fail(err.Error())
	}
	return err
}

// overlap returns the CA at the beginning of a bundle, followed by the CAs at the beginning of those that are trusted, each
// once.
func overlap(bundle []byte, trusted [][]byte) []byte {
	joined := first(bundle)
	for _, t := range trusted {
		if ca := first(t); !bytes.Contains(joined, ca) {
			joined = append(joined, ca...)
		}
	}
	return joined
}

// first returns the first block of a PEM text, and nil where there is none.
func first(text []byte) []byte {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil
	}
	return pem.EncodeToMemory(block)
}
