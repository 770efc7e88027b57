package doctor

import (
	"context"
	"fmt"

	certmanagerv1 "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// defaultSecret is the name of the Secret in the shipped manifests.
const defaultSecret = "ippool-webhook-serving" //nolint:gosec // a name

// readSecret reads the Secret of the serving certificate. The checks use only its certificate and the names of its keys.
func readSecret(ctx context.Context, c client.Reader, t target, certificates []certmanagerv1.Certificate) read[*corev1.Secret] {
	name := defaultSecret
	if len(certificates) > 0 {
		name = certificates[0].Spec.SecretName
	}
	return get(ctx, c, client.ObjectKey{Namespace: t.namespace, Name: name}, &corev1.Secret{}, access{resource: "secrets"})
}

// checkSecret compares the certificate in the Secret with the certificate that each endpoint presents.
func checkSecret(c *cluster) verdict {
	if c.service == nil {
		return c.noService()
	}
	var v verdict
	switch {
	case c.secret.missing() && len(c.certificates.value) == 0:
		v.passed = "there is no Secret " + c.service.namespace + "/" + defaultSecret + ": the serving certificate has another source"
	case c.secret.missing():
		v.fail("there is no Secret "+c.service.namespace+"/"+c.certificates.value[0].Spec.SecretName+": new pods have no certificate", see("certificate"))
	case c.secret.err != nil:
		v.add(c.secret.problem())
	default:
		return c.compareSecret(c.secret.value)
	}
	return v
}

func (c *cluster) compareSecret(secret *corev1.Secret) verdict {
	name := "Secret " + secret.Namespace + "/" + secret.Name
	chain, err := parseCertificates(secret.Data[corev1.TLSCertKey])
	if err != nil {
		remedy := see("certificate")
		if c.selfManaged() {
			remedy = c.repairReplicas()
		}
		return verdict{problems: []problem{{Fail, fmt.Sprintf("%s of %s %v", corev1.TLSCertKey, name, err), remedy}}}
	}
	v := verdict{passed: name + " contains the certificate that the endpoints present"}
	compared := 0
	for _, e := range c.endpoints.value {
		if len(e.chain) == 0 {
			continue
		}
		compared++
		if !e.chain[0].Equal(chain[0]) {
			v.warn(fmt.Sprintf("endpoint %s presents another certificate than the one in %s", e.address, name), c.awaitReplicas())
		}
	}
	if compared == 0 {
		v.warn("not compared: no endpoint presented a certificate", see("serving-certificate"))
	}
	return v
}
