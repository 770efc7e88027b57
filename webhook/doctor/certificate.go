package doctor

import (
	"context"
	"fmt"
	"slices"

	"github.com/cert-manager/cert-manager/pkg/apis/certmanager"
	certmanagerv1 "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// readCertificates returns the Certificates of cert-manager for the DNS name of the Service.
func readCertificates(ctx context.Context, c client.Reader, t target) read[[]certmanagerv1.Certificate] {
	all := list(ctx, c, &certmanagerv1.CertificateList{},
		access{group: certmanager.GroupName, resource: "certificates", namespace: t.namespace}, client.InNamespace(t.namespace))
	serving := slices.DeleteFunc(all.value.Items, func(certificate certmanagerv1.Certificate) bool {
		return !slices.Contains(certificate.Spec.DNSNames, t.host())
	})
	return read[[]certmanagerv1.Certificate]{serving, all.access, all.err}
}

// checkCertificate checks the status of the Certificate, if cert-manager issues the serving certificate.
func checkCertificate(c *cluster) verdict {
	if c.service == nil {
		return c.noService()
	}
	if c.certificates.missing() {
		return verdict{passed: "cert-manager is not installed: the serving certificate has another source"}
	}
	if c.certificates.err != nil {
		return verdict{problems: []problem{c.certificates.problem()}}
	}
	v := verdict{passed: fmt.Sprintf("no Certificate in namespace %s is for %s: the serving certificate has another source", c.service.namespace, c.service.host())}
	for _, certificate := range c.certificates.value {
		one := c.checkOne(certificate)
		v.passed = one.passed
		v.add(one.problems...)
	}
	return v
}

func (c *cluster) checkOne(certificate certmanagerv1.Certificate) verdict {
	name := certificate.Namespace + "/" + certificate.Name
	status := showCertificate(certificate.Namespace, certificate.Name)
	var v verdict
	if ready, reason := isReady(certificate); !ready {
		v.fail(fmt.Sprintf("Certificate %s is not Ready: %s", name, reason), status)
	}
	v.passed = fmt.Sprintf("Certificate %s is Ready", name)
	if r := certificate.Spec.Renewal; r != nil && r.Policy == certmanagerv1.CertificateRenewalPolicyDisabled {
		v.warn(fmt.Sprintf("cert-manager does not renew Certificate %s (spec.renewal.policy: Disabled)", name), renewCertificate)
	}
	if renewal := certificate.Status.RenewalTime; renewal != nil {
		v.passed += ", next renewal at " + date(renewal.Time)
		if renewal.Time.Before(c.now) {
			v.warn(fmt.Sprintf("the renewal of Certificate %s has been overdue since %s%s", name, date(renewal.Time), windows(certificate)), status)
		}
	}
	return v
}

// windows says that renewals are limited to some times, if they are.
func windows(certificate certmanagerv1.Certificate) string {
	if r := certificate.Spec.Renewal; r != nil && len(r.Windows) > 0 {
		return "; it waits for a window of spec.renewal.windows"
	}
	return ""
}

// isReady reports whether the condition Ready is true, and returns the reason in the condition.
func isReady(certificate certmanagerv1.Certificate) (ready bool, reason string) {
	for _, condition := range certificate.Status.Conditions {
		if condition.Type == certmanagerv1.CertificateConditionReady {
			return condition.Status == cmmeta.ConditionTrue, condition.Reason + ": " + condition.Message
		}
	}
	return false, "it has no condition Ready; cert-manager may not be running"
}
