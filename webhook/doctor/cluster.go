package doctor

import (
	"context"
	"errors"
	"fmt"
	"time"

	certmanagerv1 "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// cluster is all that was read.
type cluster struct {
	now     time.Time
	shipped shipped
	user    string // who runs doctor; empty where the API server does not say

	crd          read[*apiextensionsv1.CustomResourceDefinition]
	validating   configuration
	mutating     configuration
	service      *target // nil if no webhook calls a Service
	serviceSpec  read[*corev1.Service]
	endpoints    read[[]endpoint]
	certificates read[[]certmanagerv1.Certificate]
	secret       read[*corev1.Secret]
	dryRun       answer
	conditions   []admissionv1.MatchCondition // that distinguish users from Whereabouts; nil if there is no webhook for users
	writers      read[[]writer]
	workloads    read[[]workload]
	policy       runningPolicy
}

// examine reads everything. Later reads depend on what earlier ones found; the checks say what could not be read.
func examine(ctx context.Context, config *rest.Config, o Options) (*cluster, error) {
	shipped, err := readShipped()
	if err != nil {
		return nil, err
	}
	api, err := newClient(config, o.Timeout)
	if err != nil {
		return nil, err
	}
	c := &cluster{now: time.Now(), shipped: *shipped}
	if c.user, err = whoAmI(ctx, api); err != nil {
		return nil, err
	}
	c.crd = readCRD(ctx, api)
	c.validating = readValidating(ctx, api, o.Name)
	c.mutating = readMutating(ctx, api, o.Name)
	if c.service = serviceOf(c.webhooks()); c.service != nil {
		c.serviceSpec = readService(ctx, api, *c.service)
		c.endpoints = readEndpoints(ctx, api, *c.service, c.serviceSpec.value, o.Timeout)
		c.certificates = readCertificates(ctx, api, *c.service)
		c.secret = readSecret(ctx, api, *c.service, c.certificates.value)
	}
	c.dryRun = tryMalformedPool(ctx, api, c.service)
	if users := find(c.validating.webhooks, usersWebhook); users != nil {
		c.conditions = append([]admissionv1.MatchCondition{}, users.MatchConditions...)
	}
	c.writers = readWriters(ctx, api)
	c.workloads = readWorkloads(ctx, api)
	c.policy = readPolicy(ctx, api, c.service, o.Policy)
	return c, ctx.Err()
}

// webhooks returns the webhooks of both configurations.
func (c *cluster) webhooks() []webhook {
	return append(append([]webhook(nil), c.validating.webhooks...), c.mutating.webhooks...)
}

// unguarded is the verdict of a check that needs a webhook that is missing.
func (c *cluster) unguarded(what string) verdict {
	switch {
	case c.validating.missing():
		return notChecked(Fail, "no ValidatingWebhookConfiguration "+c.validating.name, "validating-webhook")
	case c.validating.err != nil:
		return notChecked(Warn, "the ValidatingWebhookConfiguration could not be read", "validating-webhook")
	default:
		return notChecked(Fail, "no "+what+" in the webhook configurations", "validating-webhook")
	}
}

// noService is the verdict of a check that is about the Service that the webhooks call.
func (c *cluster) noService() verdict {
	if len(c.webhooks()) > 0 {
		return notChecked(Warn, "the webhooks call a URL rather than a Service", "validating-webhook")
	}
	return c.unguarded("webhook")
}

// newClient returns a client that knows the kinds that doctor reads.
func newClient(config *rest.Config, timeout time.Duration) (client.Client, error) {
	config = rest.CopyConfig(config)
	config.Timeout = timeout
	config.QPS = -1 // there are few requests, and somebody waits for them
	config.WarningHandlerWithContext = warningsOfContext{}
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		admissionv1.AddToScheme, apiextensionsv1.AddToScheme, appsv1.AddToScheme, authenticationv1.AddToScheme, certmanagerv1.AddToScheme,
		corev1.AddToScheme, discoveryv1.AddToScheme, rbacv1.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	return client.New(config, client.Options{Scheme: scheme})
}

// whoAmI returns the name of the user that runs doctor. An error means that there is no API server.
func whoAmI(ctx context.Context, api client.Client) (string, error) {
	review := &authenticationv1.SelfSubjectReview{}
	err := api.Create(ctx, review)
	if status := apierrors.APIStatus(nil); err == nil || errors.As(err, &status) && !apierrors.IsUnauthorized(err) {
		return review.Status.UserInfo.Username, nil // an API server that answers, if only that it does not tell
	}
	return "", fmt.Errorf("cannot ask the API server: %w", err)
}
