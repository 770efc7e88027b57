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
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// cluster contains everything that doctor reads.
type cluster struct {
	now     time.Time
	shipped shipped
	user    string // name of the user of doctor; empty if the API server does not return it

	crd             read[*apiextensionsv1.CustomResourceDefinition]
	validating      configuration
	mutating        configuration
	service         *target // nil if no webhook calls a Service
	serviceSpec     read[*corev1.Service]
	endpoints       read[[]endpoint]
	certificates    read[[]certmanagerv1.Certificate]
	secret          read[*corev1.Secret]
	pools           read[*metav1.PartialObjectMetadataList]
	dryRun          dryRun
	others          read[[]otherWebhook]
	conditions      []admissionv1.MatchCondition // of the webhook for users; nil if there is no such webhook
	serviceAccounts read[[]serviceAccount]
	workloads       read[[]workload]
	policy          runningPolicy
}

// readCluster sends all requests, in an order in which later requests can use earlier responses. The checks report the requests that
// failed.
func readCluster(ctx context.Context, config *rest.Config, o Options) (*cluster, error) {
	shipped, err := readShipped()
	if err != nil {
		return nil, err
	}
	api, err := newClient(config, o.Timeout)
	if err != nil {
		return nil, err
	}
	c := &cluster{now: time.Now(), shipped: *shipped}
	if c.user, err = currentUser(ctx, api); err != nil {
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
	c.pools = readPools(ctx, api)
	c.dryRun = createMalformedPool(ctx, api, poolNamespace(c.pools))
	c.others = readOthers(ctx, api, o.Name)
	if users := find(c.validating.webhooks, usersWebhook); users != nil {
		c.conditions = append([]admissionv1.MatchCondition{}, users.MatchConditions...)
	}
	c.serviceAccounts = readServiceAccounts(ctx, api)
	c.workloads = readWorkloads(ctx, api)
	c.policy = readPolicy(ctx, api, c.service, o.Policy)
	return c, ctx.Err()
}

// webhooks returns the webhooks of both configurations.
func (c *cluster) webhooks() []webhook {
	return append(append([]webhook(nil), c.validating.webhooks...), c.mutating.webhooks...)
}

// withoutWebhook returns the verdict of a check that needs a webhook, or a part of it, that is missing.
func (c *cluster) withoutWebhook(missing string) verdict {
	switch {
	case c.validating.missing():
		return notChecked(Fail, "there is no ValidatingWebhookConfiguration "+c.validating.name, "validating-webhook")
	case c.validating.err != nil:
		return notChecked(Warn, "doctor could not read the ValidatingWebhookConfiguration", "validating-webhook")
	default:
		return notChecked(Fail, "the webhook configurations have no "+missing, "validating-webhook")
	}
}

// noService returns the verdict of a check that needs a Service, if no webhook calls a Service.
func (c *cluster) noService() verdict {
	if len(c.webhooks()) > 0 {
		return notChecked(Warn, "the webhooks call a URL rather than a Service", "validating-webhook")
	}
	return c.withoutWebhook("webhook")
}

// newClient returns a client for the kinds that doctor reads.
func newClient(config *rest.Config, timeout time.Duration) (client.Client, error) {
	config = rest.CopyConfig(config)
	config.Timeout = timeout
	config.QPS = -1 // no rate limit: doctor sends few requests
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

// currentUser returns the name of the user of doctor. It sends the first request, and returns an error if the API server cannot be
// reached or does not authenticate the user.
func currentUser(ctx context.Context, api client.Client) (string, error) {
	review := &authenticationv1.SelfSubjectReview{}
	err := api.Create(ctx, review)
	if status := apierrors.APIStatus(nil); err == nil || errors.As(err, &status) && !apierrors.IsUnauthorized(err) {
		return review.Status.UserInfo.Username, nil // the API server responds, but may not return the name
	}
	return "", fmt.Errorf("cannot query the API server: %w; check the server and the user in the kubeconfig", err)
}
