package doctor

import (
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	certmanagerv1 "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	"k8s.io/apimachinery/pkg/labels"

	"ippool-webhook/webhook/ippool"
)

// The remedies tell the user how to correct a problem. Each is an instruction without a full stop.
const (
	// applyCRD is for a CRD that is missing or old. A CRD can be old because Helm installs CRDs and never updates them.
	applyCRD    = "apply the CRD of your release of Whereabouts: kubectl apply -f doc/crds/" + ippool.Group + "_" + ippool.Resource + ".yaml"
	installCRD  = "install Whereabouts, or " + applyCRD
	describeCRD = "kubectl describe crd " + poolCRD

	// reapply is for an object that is missing.
	reapply            = "install it again as before: kubectl apply --server-side -k deploy, or helm upgrade --install"
	reapplyOrName      = reapply + "; if your configuration has another name, set --name"
	enforceUsers       = "after the roll-out, set the chart value webhooks.users.mode to Enforce, or remove the component users-observe"
	openNetwork        = "see serving-certificate and ca-bundle; if both pass, allow the API server to connect to the pods (firewall, NetworkPolicy)"
	passDryRun         = "exclude the pool " + dryRunPool + " from that webhook"
	runAsAnother       = "run doctor as another user"
	runInPod           = "run doctor on a machine that can connect to pods, for example in a pod; or rely on the check admission"
	seeAPIServer       = "find out why the API server does not answer, or increase --timeout"
	seeKubernetes      = "check that the API server is " + minKubernetes + " or later"
	seeValidating      = "see validating-webhook, and check the Policy of serve --config"
	upgrade            = "upgrade Kubernetes"
	installWhereabouts = "install Whereabouts if it is not installed"
	installCertManager = "install cert-manager, or use self-managed certificates: the overlay self-managed, or the chart value certificates.source: self-managed"
	removeFinalizers   = "remove the finalizers that no controller needs, and back up the pools"
	compareOther       = "compare its rules with those of ippool-webhook, and remove it if you do not need both"
	setAKSLabel        = "on AKS: set the label admissions.enforcer/disabled: \"true\" on the webhook configurations (chart value preset: aks), " +
		"because the admissions enforcer adds this namespaceSelector"
	renewCertificate = "set spec.renewal.policy of the Certificate to RenewBefore"
	examineInstalled = "to check the installation, run doctor without --preflight"

	// nameFile is for a Policy that doctor cannot read from the cluster.
	nameFile      = "set --config to the file that contains the Policy"
	correctPolicy = "correct the Policy: serve does not start with it"
	setPolicy     = "set this line in the Policy"
	addToPolicy   = "add the missing fields of this line to the Policy"
	withoutStrict = "write these fields with kubectl --validate=warn"
)

func denyAgain(rule string) string {
	return "set rules." + rule + ".action to Deny in the Policy of serve --config"
}

// see is for a problem whose remedy is in the result of another check.
func see(check string) string { return "see " + check }

func grant(a access) string { return "grant the user of doctor the permission to " + a.String() }

func orNameFile(remedy string) string { return remedy + ", or " + nameFile }

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
	return "if it is another controller, change nothing; if it is part of Whereabouts, " + addUsername(name)
}

func deleteMutating(name string) string { return "delete the MutatingWebhookConfiguration " + name }

func addWebhook(kind string) string {
	return "copy it from the shipped manifest to the " + kind
}

// excludeFromOther is for a webhook of another product that is called for requests of Whereabouts.
func excludeFromOther(w otherWebhook) string {
	return "exclude Whereabouts in matchConditions of webhook " + w.Name + " of the " + w.configuration + ", or remove it"
}

func removeWebhook(at string) string { return "remove " + at + " if you do not need it" }

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

func completeUsername(at string) string {
	return "replace the user name in matchConditions of " + at + ", for example with system:serviceaccount:cni:whereabouts"
}

func setUsernames(at string) string {
	return "set the same list of user names in matchConditions of " + at + " and of all other webhooks"
}

func showCertificate(namespace, name string) string {
	return fmt.Sprintf("cmctl status certificate -n %s %s", namespace, name)
}

func showPods(namespace string) string {
	return "find the cause: kubectl -n " + namespace + " get pods"
}

func (c *cluster) showServingPods() string {
	return fmt.Sprintf("find out why no pod is ready: kubectl -n %s get pods -l %s", c.service.namespace, labels.FormatLabels(c.serviceSpec.value.Spec.Selector))
}

func (c *cluster) showLogs() string {
	return "find the cause in the logs of the replicas: " + c.logs()
}

func (c *cluster) logs() string {
	return "kubectl -n " + c.service.namespace + " logs deployment/" + deploymentName
}

func (c *cluster) scale() string {
	return "run at least 2 replicas: kubectl -n " + c.service.namespace + " scale deployment " + deploymentName + " --replicas=2"
}

// repairReplicas is for a caBundle or a Secret that the replicas write and that has invalid content.
func (c *cluster) repairReplicas() string {
	return "the replicas write it: find the cause in their logs (" + c.logs() +
		"), and check their permissions (manifests/overlays/self-managed/rbac.yaml)"
}

// awaitReplicas is for a Secret whose certificate the replicas do not serve yet.
func (c *cluster) awaitReplicas() string {
	if c.selfManaged() {
		return "wait ten seconds; if the certificates still differ, find the cause in the logs: " + c.logs()
	}
	return "wait two minutes for the kubelet to update the mounted Secret; if the certificates still differ, restart the pod"
}

// injectCA is for a caBundle. The remedy depends on the component that writes the caBundle.
func (c *cluster) injectCA() string {
	const annotation = certmanagerv1.WantInjectAnnotation
	for _, configuration := range []configuration{c.validating, c.mutating} {
		from := configuration.annotations[annotation]
		if from != "" && c.certificates.missing() {
			return installCertManager
		}
		if from != "" {
			return "cert-manager's cainjector writes it from Certificate " + from +
				": find the cause in the logs: kubectl -n cert-manager logs deployment/cert-manager-cainjector"
		}
	}
	if c.selfManaged() {
		return c.repairReplicas()
	}
	return "annotate both webhook configurations with " + annotation + ": NAMESPACE/CERTIFICATE, or write the CA into every webhooks[*].clientConfig.caBundle"
}

// replaceCertificate is for a certificate that the API server does not accept. The remedy depends on the reason.
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
		return "renew the certificate of the webhook; if the replicas do not load the new certificate, restart them"
	}
	return "cmctl renew -n " + c.service.namespace + " " + strings.Join(names, " ")
}
