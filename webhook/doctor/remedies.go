package doctor

import (
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/labels"
)

// The remedies: what to do about a problem. Each is a phrase without a full stop at its end.
const (
	// applyCRD is for a definition that is missing or old. Helm, for example, installs definitions and never updates them.
	applyCRD    = "kubectl apply -f the CRDs of your release of Whereabouts (doc/crds/whereabouts.cni.cncf.io_ippools.yaml)"
	installCRD  = "install Whereabouts, or " + applyCRD
	describeCRD = "kubectl describe crd " + poolCRD

	// reapply is for an object that is missing.
	reapply            = "install it again, as with kubectl apply --server-side -k manifests/overlays/cert-manager"
	reapplyOrName      = reapply + "; or name yours with --name"
	enforceUsers       = "after the roll-out, set the chart value webhooks.users.mode to Enforce, or remove the component users-observe"
	denyAgain          = "set rules." + brokenRule + ".action to Deny in the Policy of serve --config"
	openNetwork        = "see serving-certificate and ca-bundle; where they pass, let the API server reach the pods: firewall, NetworkPolicy"
	passDryRun         = "let that webhook pass the pool ippool-webhook-doctor"
	runAsAnother       = "run doctor as another user"
	runInPod           = "run doctor where pods can be reached, such as in a pod; or rely on the check admission"
	seeAPIServer       = "see why the API server does not answer, or raise --timeout"
	seeKubernetes      = "see that it is " + minKubernetes + " or later"
	seeGuard           = "see validating-webhook, and the Policy of serve --config"
	upgrade            = "upgrade Kubernetes"
	installWhereabouts = "install Whereabouts, if it is not there"
	installCertManager = "install cert-manager, or use self-managed certificates: the overlay self-managed, or the chart value certificates.source: self-managed"
	examineInstalled   = "to examine the installation, run doctor without --preflight"

	// nameFile is for a Policy that cannot be found in the cluster.
	nameFile      = "name a file with the Policy with --config"
	correctPolicy = "correct the Policy: serve does not start with it"
	setPolicy     = "set this line in the Policy"
	addToPolicy   = "add to the Policy what it lacks of this line"
	withoutStrict = "write these fields with kubectl --validate=warn"
)

// see is for a problem that another check reports with its remedy.
func see(check string) string { return "see " + check }

func grant(a access) string { return "grant the user of doctor " + a.String() }

func createNamespace(name string) string {
	return "create the namespace " + name + " and the webhook in it"
}

// inPolicy is for fields that the Policy must name.
func inPolicy(what string, paths []string) string {
	return what + " (with Helm, below policy in the values): " + knownFieldsLine(paths)
}

func presetPolicy(paths []string) string {
	return "set in the Policy, or with Helm below policy in the values: " + knownFieldsLine(paths)
}

// addUsername is for a service account of Whereabouts that is not recognized.
func addUsername(name string) string {
	return "add " + name + " to the chart value webhooks.whereabouts.extraUsernames, or with kustomize to the ConfigMap " +
		"ippool-webhook-usernames of the component whereabouts-usernames"
}

func addUsernameIfWhereabouts(name string) string {
	return "nothing if it is another controller; if it is part of Whereabouts, " + addUsername(name)
}

func deleteMutating(name string) string { return "delete the MutatingWebhookConfiguration " + name }

func addWebhook(kind string) string {
	return "add it to the " + kind + " as the shipped manifest has it"
}

func removeWebhook(at string) string { return "remove " + at + ", unless you know what it is for" }

func setField(name, at, value string) string {
	return fmt.Sprintf("set %s in %s to %s", name, at, value)
}

func setService(at string) string { return "set clientConfig.service in " + at }

func setSameService(at string) string {
	return setService(at) + " to the Service of all other webhooks"
}

func setConditions(at string) string {
	return "set matchConditions in " + at + " to those of the shipped manifest"
}

func removeCondition(at string) string { return "remove it from matchConditions in " + at }

func setUsernames(at string) string {
	return "write one list into matchConditions in " + at + " and in all other webhooks"
}

func showCertificate(namespace, name string) string {
	return fmt.Sprintf("cmctl status certificate -n %s %s", namespace, name)
}

func showPods(namespace string) string { return "see why: kubectl -n " + namespace + " get pods" }

func (c *cluster) showServingPods() string {
	return fmt.Sprintf("kubectl -n %s get pods -l %s, and see why none is ready", c.service.namespace, labels.FormatLabels(c.serviceSpec.value.Spec.Selector))
}

func (c *cluster) showLogs() string {
	return "kubectl -n " + c.service.namespace + " logs, for what the server says about its certificate"
}

func (c *cluster) scale() string {
	return "run at least 2 replicas: kubectl -n " + c.service.namespace + " scale deployment ippool-webhook --replicas=2"
}

// askReplicas is for content that the replicas have not written.
func (c *cluster) askReplicas() string {
	return "the replicas write it: kubectl -n " + c.service.namespace +
		" logs deployment/ippool-webhook says why they do not; their permissions are in manifests/overlays/self-managed/rbac.yaml"
}

// awaitReplicas is for a Secret whose certificate the replicas do not serve.
func (c *cluster) awaitReplicas() string {
	if c.selfManaged() {
		return "wait ten seconds; then see what the replicas say: kubectl -n " + c.service.namespace + " logs deployment/ippool-webhook"
	}
	return "wait two minutes for the kubelet to bring the Secret into the pod, then restart the pod"
}

// injectCA is for a caBundle. It depends on who fills it.
func (c *cluster) injectCA() string {
	const annotation = "cert-manager.io/inject-ca-from"
	for _, configuration := range []configuration{c.validating, c.mutating} {
		if from := configuration.annotations[annotation]; from != "" {
			return "let cert-manager's cainjector fill it from Certificate " + from + ": kubectl -n cert-manager logs deployment/cert-manager-cainjector says why it does not"
		}
	}
	if c.selfManaged() {
		return c.askReplicas()
	}
	return "annotate both webhook configurations with " + annotation + ": NAMESPACE/CERTIFICATE, or write the CA into every webhooks[*].clientConfig.caBundle"
}

// replaceCertificate is for a certificate that is not accepted. It depends on the reason.
func (c *cluster) replaceCertificate(err error) string {
	if mismatch := (x509.HostnameError{}); errors.As(err, &mismatch) {
		return "serve a certificate whose DNS names include " + c.service.host()
	}
	if unknown := (x509.UnknownAuthorityError{}); errors.As(err, &unknown) {
		return c.injectCA()
	}
	return c.renew()
}

// renew is for a certificate that expires.
func (c *cluster) renew() string {
	if c.selfManaged() {
		return "renew it: kubectl -n " + c.service.namespace + " patch secret " + c.secret.value.Name +
			` --type json -p '[{"op": "remove", "path": "/data/tls.crt"}]'`
	}
	names := make([]string, len(c.certificates.value))
	for i, certificate := range c.certificates.value {
		names[i] = certificate.Name
	}
	if len(names) == 0 {
		return "renew the certificate that the webhook serves, and restart it where it does not load it"
	}
	return "cmctl renew -n " + c.service.namespace + " " + strings.Join(names, " ")
}
