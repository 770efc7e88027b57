package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cert-manager/cert-manager/pkg/apis/certmanager"
	appsv1 "k8s.io/api/apps/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ippool-webhook/webhook/codec"
	"ippool-webhook/webhook/ippool"
)

// minKubernetes is the first version with match conditions of webhooks, without a feature gate.
const minKubernetes = "1.30.0"

// surroundings is what was read of a cluster in which the webhook is not installed.
type surroundings struct {
	*cluster
	kubernetes    string
	kubernetesErr error
	certManager   read[*apiextensionsv1.CustomResourceDefinition]
	controllers   read[*appsv1.DeploymentList] // of cert-manager
}

// Preflight examines a cluster before the webhook is installed in it. It only reads. Errors are as in Run.
func Preflight(ctx context.Context, config *rest.Config, o Options) (*Report, error) {
	s, err := survey(ctx, config, o)
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

// survey reads everything that the checks of Preflight need. The match conditions are those that we ship.
func survey(ctx context.Context, config *rest.Config, o Options) (*surroundings, error) {
	shipped, err := readShipped()
	if err != nil {
		return nil, err
	}
	api, err := newClient(config, o.Timeout)
	if err != nil {
		return nil, err
	}
	s := &surroundings{cluster: &cluster{now: time.Now(), shipped: *shipped, conditions: shipped.users.MatchConditions}}
	if s.user, err = whoAmI(ctx, api); err != nil {
		return nil, err
	}
	s.kubernetes, s.kubernetesErr = serverVersion(config)
	s.crd = readCRD(ctx, api)
	s.validating = readValidating(ctx, api, o.Name)
	s.certManager = get(ctx, api, client.ObjectKey{Name: "certificates." + certmanager.GroupName}, &apiextensionsv1.CustomResourceDefinition{},
		access{group: apiextensionsv1.GroupName, resource: "customresourcedefinitions"})
	s.controllers = list(ctx, api, &appsv1.DeploymentList{}, access{group: appsv1.GroupName, resource: "deployments"},
		client.MatchingLabels{"app.kubernetes.io/instance": "cert-manager"})
	s.writers = readWriters(ctx, api)
	s.workloads = readWorkloads(ctx, api)
	return s, ctx.Err()
}

func serverVersion(config *rest.Config) (string, error) {
	api, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return "", err
	}
	info, err := api.ServerVersion()
	if err != nil {
		return "", err
	}
	return info.GitVersion, nil
}

func (s *surroundings) checkKubernetes() verdict {
	v := verdict{passed: "the API server is " + s.kubernetes}
	if s.kubernetesErr != nil {
		v.warn("cannot read the version of the API server: "+s.kubernetesErr.Error(), seeKubernetes)
		return v
	}
	if got, err := version.ParseSemantic(s.kubernetes); err != nil || got.LessThan(version.MustParseSemantic(minKubernetes)) {
		v.fail("the API server is "+s.kubernetes+": match conditions of webhooks need "+minKubernetes+" or later", upgrade)
	}
	return v
}

// checkLineage is checkCRD with the lineage of Whereabouts that the schema shows.
func (s *surroundings) checkLineage() verdict {
	v := checkCRD(s.cluster)
	if s.crd.err == nil {
		v.passed += " (" + lineage(s.crd.value) + ")"
	}
	return v
}

// lineage returns which Whereabouts a definition is of, by fields that only it has.
func lineage(crd *apiextensionsv1.CustomResourceDefinition) string {
	served := servedVersion(crd)
	if served == nil {
		return "unknown lineage"
	}
	fields := definedFields(served.Schema)
	switch {
	case slices.Contains(fields, "spec.enable_l3"):
		return "the telekom fork of Whereabouts"
	case slices.Contains(fields, "spec.allocations.*.ipamclaimref"):
		return "Whereabouts with IPAM claims"
	case slices.Contains(fields, "spec.allocations.*.ifname"):
		return "Whereabouts v0.8 or later"
	default:
		return "Whereabouts up to v0.7"
	}
}

// checkFields lists the fields of the definition that the Policy has to name.
func (s *surroundings) checkFields() verdict {
	if s.crd.err != nil {
		return notChecked(Warn, "the CustomResourceDefinition "+poolCRD+" could not be read", "crd")
	}
	served := servedVersion(s.crd.value)
	if served == nil {
		return notChecked(Warn, poolCRD+" does not serve "+ippool.Version, "crd")
	}
	var builtIn *codec.Schema
	added := slices.DeleteFunc(definedFields(served.Schema), builtIn.Has)
	v := verdict{passed: "every field of " + poolCRD + " is in the webhook's schema"}
	if len(added) > 0 {
		v.warn(poolCRD+" has fields outside the webhook's schema: "+strings.Join(added, ", "),
			presetPolicy(added))
	}
	return v
}

// checkCertManager looks for what the default certificate source needs.
func (s *surroundings) checkCertManager() verdict {
	var v verdict
	switch {
	case s.certManager.missing():
		v.fail("cert-manager is not installed", installCertManager)
	case s.certManager.err != nil:
		v.add(s.certManager.problem())
	case s.controllers.err != nil:
		v.add(s.controllers.problem())
	}
	ready := 0
	for _, d := range s.controllers.value.Items {
		if d.Status.AvailableReplicas == 0 {
			v.warn(fmt.Sprintf("Deployment %s/%s of cert-manager is not available", d.Namespace, d.Name), showPods(d.Namespace))
			continue
		}
		ready++
	}
	v.passed = fmt.Sprintf("cert-manager is installed, and %d of its Deployments are available", ready)
	if ready == 0 && len(v.problems) == 0 {
		v.warn("the definitions of cert-manager are there, but no Deployment of it was found", installCertManager)
	}
	return v
}

// checkAbsent looks for an installation of the webhook.
func (s *surroundings) checkAbsent() verdict {
	var v verdict
	v.passed = "no webhook configuration of this name was found: the webhook is not installed"
	switch {
	case s.validating.missing():
	case s.validating.err != nil:
		v.add(s.validating.problem())
	default:
		v.warn("there is a ValidatingWebhookConfiguration "+s.validating.name, examineInstalled)
	}
	return v
}
