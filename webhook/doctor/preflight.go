package doctor

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/cert-manager/cert-manager/pkg/apis/certmanager"
	appsv1 "k8s.io/api/apps/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ippool-webhook/webhook/codec"
	"ippool-webhook/webhook/ippool"
)

// preflightCluster contains everything that Preflight reads from a cluster without the webhook.
type preflightCluster struct {
	*cluster
	kubernetes    string
	kubernetesErr error
	certManager   read[*apiextensionsv1.CustomResourceDefinition]
	controllers   read[*appsv1.DeploymentList] // of cert-manager
}

// Preflight checks a cluster before the installation of the webhook. It only reads. It returns an error in the same cases as Run.
func Preflight(ctx context.Context, config *rest.Config, o Options) (*Report, error) {
	s, err := readPreflightCluster(ctx, config, o)
	if err != nil {
		return nil, err
	}
	results := []Result{
		s.checkKubernetes().result("kubernetes"),
		s.checkLineage().result("crd"),
		s.checkFields().result("known-fields"),
		s.checkCertManager().result("cert-manager"),
		checkIdentities(s.cluster).result("identities"),
		s.checkAbsent().result("installation"),
	}
	return newReport(results), nil
}

// readPreflightCluster reads everything that the checks of Preflight need. The match conditions are those of the shipped manifests.
func readPreflightCluster(ctx context.Context, config *rest.Config, o Options) (*preflightCluster, error) {
	shipped, err := readShipped()
	if err != nil {
		return nil, err
	}
	api, err := newClient(config, o.Timeout)
	if err != nil {
		return nil, err
	}
	s := &preflightCluster{cluster: &cluster{now: time.Now(), shipped: *shipped, conditions: shipped.users.MatchConditions}}
	if s.user, err = currentUser(ctx, api); err != nil {
		return nil, err
	}
	s.kubernetes, s.kubernetesErr = serverVersion(config)
	s.crd = readCRD(ctx, api)
	s.validating = readValidating(ctx, api, o.Name)
	s.certManager = get(ctx, api, client.ObjectKey{Name: "certificates." + certmanager.GroupName}, &apiextensionsv1.CustomResourceDefinition{},
		access{group: apiextensionsv1.GroupName, resource: "customresourcedefinitions"})
	s.controllers = list(ctx, api, &appsv1.DeploymentList{}, access{group: appsv1.GroupName, resource: "deployments"},
		client.MatchingLabels{"app.kubernetes.io/instance": "cert-manager"})
	s.serviceAccounts = readServiceAccounts(ctx, api)
	s.workloads = readWorkloads(ctx, api)
	return s, ctx.Err()
}

// checkFields lists the fields of the CRD that the Policy must name in knownFields.
func (s *preflightCluster) checkFields() verdict {
	if s.crd.err != nil {
		return notChecked(Warn, "doctor could not read the CustomResourceDefinition "+poolCRD, "crd")
	}
	served := servedVersion(s.crd.value)
	if served == nil {
		return notChecked(Warn, poolCRD+" does not serve "+ippool.Version, "crd")
	}
	var builtIn *codec.Schema
	added := slices.DeleteFunc(definedFields(served.Schema), builtIn.Has)
	v := verdict{passed: "every field of " + poolCRD + " is in the webhook's schema"}
	if len(added) > 0 {
		v.warn(poolCRD+" has fields outside the webhook's schema: "+strings.Join(added, ", "), presetPolicy(added))
	}
	return v
}

// checkAbsent checks that the webhook is not installed yet.
func (s *preflightCluster) checkAbsent() verdict {
	v := verdict{passed: "there is no ValidatingWebhookConfiguration " + s.validating.name + ": the webhook is not installed"}
	switch {
	case s.validating.missing():
	case s.validating.err != nil:
		v.add(s.validating.problem())
	default:
		v.warn("there is a ValidatingWebhookConfiguration "+s.validating.name, examineInstalled)
	}
	return v
}
