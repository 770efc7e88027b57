package doctor

import (
	"os"
	"path/filepath"
	"strconv"
	"time"

	certmanagerv1 "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ippool-webhook/test/environment"
	"ippool-webhook/webhook/ippool"
)

// surroundings returns the objects of controllers and of other installations.
func (i *installation) surroundings() ([]client.Object, error) {
	secret, err := i.secret()
	if err != nil {
		return nil, err
	}
	certificate, err := i.servingCertificate()
	if err != nil {
		return nil, err
	}
	// No cert-manager runs in this test: this is the status of an issued certificate.
	certificate.Status = certmanagerv1.CertificateStatus{
		RenewalTime: new(metav1.NewTime(time.Now().Add(years(1) / 2))),
		Conditions: []certmanagerv1.CertificateCondition{{
			Type: certmanagerv1.CertificateConditionReady, Status: cmmeta.ConditionTrue, Reason: "Ready", Message: "Certificate is up to date and has not expired",
		}},
	}
	policy, err := os.ReadFile(i.Manifest("base", "policy.yaml"))
	if err != nil {
		return nil, err
	}
	configMap := policyMap(policyName)
	configMap.Data = map[string]string{"policy.yaml": string(policy)}
	objects := append([]client.Object{secret, certificate, configMap}, whereabouts()...)
	for n := range i.replicas {
		slice, err := i.endpointSlice(n)
		if err != nil {
			return nil, err
		}
		objects = append(objects, slice)
	}
	return objects, nil
}

// secret returns the Secret with the certificate that the replicas serve.
func (i *installation) secret() (*corev1.Secret, error) {
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: serving, Namespace: name}, Type: corev1.SecretTypeTLS, Data: map[string][]byte{}}
	for _, key := range []string{corev1.TLSCertKey, corev1.TLSPrivateKeyKey} {
		text, err := os.ReadFile(filepath.Join(i.certDir(), key))
		if err != nil {
			return nil, err
		}
		secret.Data[key] = text
	}
	return secret, nil
}

// endpointSlice returns the EndpointSlice of a replica. Each replica needs its own slice, because the replicas have the same address
// and different ports.
func (i *installation) endpointSlice(n int) (*discoveryv1.EndpointSlice, error) {
	address, err := environment.HostAddress()
	if err != nil {
		return nil, err
	}
	return &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{
			Name: name + "-" + strconv.Itoa(n), Namespace: name, Labels: map[string]string{discoveryv1.LabelServiceName: name},
		},
		AddressType: discoveryv1.AddressTypeIPv4,
		Endpoints:   []discoveryv1.Endpoint{{Addresses: []string{address}, Conditions: discoveryv1.EndpointConditions{Ready: new(true)}}},
		Ports:       []discoveryv1.EndpointPort{{Name: new("webhook"), Port: new(int32(i.replicas[n].port)), Protocol: new(corev1.ProtocolTCP)}},
	}, nil
}

// whereabouts returns the service account of Whereabouts and its permissions.
func whereabouts() []client.Object {
	return []client.Object{
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "whereabouts", Namespace: "kube-system"}},
		&rbacv1.ClusterRole{
			ObjectMeta: metav1.ObjectMeta{Name: "whereabouts-cni"},
			Rules: []rbacv1.PolicyRule{{
				APIGroups: []string{ippool.Group},
				Resources: []string{ippool.Resource, "overlappingrangeipreservations", "nodeslicepools"},
				Verbs:     []string{"get", "list", "watch", "create", "update", "patch", "delete"},
			}},
		},
		binding("whereabouts", "kube-system", "whereabouts"),
	}
}

// binding gives the role of Whereabouts to a service account.
func binding(bindingName, namespace, account string) *rbacv1.ClusterRoleBinding {
	return &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: bindingName},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "whereabouts-cni"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: account}},
	}
}
