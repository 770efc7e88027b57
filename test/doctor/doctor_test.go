package doctor

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	certmanagerv1 "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	cmmeta "github.com/cert-manager/cert-manager/pkg/apis/meta/v1"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ippool-webhook/test/environment"
	"ippool-webhook/test/golden"
	"ippool-webhook/webhook/doctor"
	"ippool-webhook/webhook/ippool"
	"ippool-webhook/webhook/server"
)

const (
	pass = doctor.Pass
	warn = doctor.Warn
	fail = doctor.Fail
)

const day = 24 * time.Hour

type statuses = map[string]doctor.Status

// TestEachPartBroken breaks one part of the installation after the other, checks the report, and repairs the part.
func TestEachPartBroken(t *testing.T) {
	awaitHealthy(t)
	for _, row := range slices.Concat(definitionRows(), webhookRows(), conditionRows(), servedRows(), endpointRows(), certificateRows(), admissionRows(), serviceAccountRows(), knownFieldRows(), poolRows()) {
		suite.rows.Run(t, row.name, func(t *testing.T) {
			t.Cleanup(func() { awaitHealthy(t) }) // the last of all cleanups
			row.breaks(t)
			if row.status == fail || slices.Contains(values(row.also), fail) {
				row.code = 1
			}
			await(t, row.expectation, "--kubeconfig", suite.jane, "--timeout", "3s")
		})
	}
	var pools unstructured.UnstructuredList
	pools.SetGroupVersionKind(environment.PoolResource().GroupVersion().WithKind("IPPoolList"))
	if err := suite.admin.List(t.Context(), &pools); err != nil || len(pools.Items) > 0 {
		t.Errorf("doctor stored %d pools, %v", len(pools.Items), err)
	}
}

func values(also statuses) []doctor.Status {
	var all []doctor.Status
	for _, status := range also {
		all = append(all, status)
	}
	return all
}

// row breaks a part of the installation and expects a line of the report.
type row struct {
	name   string
	breaks func(*testing.T)
	expectation
}

func definitionRows() []row {
	crd := func(change func(*apiextensionsv1.CustomResourceDefinition)) func(*testing.T) {
		return func(t *testing.T) {
			alter(t, object(&apiextensionsv1.CustomResourceDefinition{}, "", ippool.Resource+"."+ippool.Group), change)
		}
	}
	without := func(field string) func(*testing.T) {
		return crd(func(c *apiextensionsv1.CustomResourceDefinition) {
			allocation := c.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"].Properties["allocations"].AdditionalProperties.Schema
			delete(allocation.Properties, field)
			allocation.Required = nil
		})
	}
	return []row{
		{"schema without ifname", without("ifname"), expectation{check: "crd", status: warn,
			message: "the schema drops spec.allocations.*.ifname", remedy: "kubectl apply -f"}},
		{"schema without podref", without("podref"), expectation{check: "crd", status: fail,
			message: "the schema drops spec.allocations.*.podref", remedy: "kubectl apply -f"}},
		{"no definition", func(t *testing.T) {
			remove(t, object(&apiextensionsv1.CustomResourceDefinition{}, "", ippool.Resource+"."+ippool.Group))
		}, expectation{check: "crd", status: fail, message: "there is no CustomResourceDefinition ippools.whereabouts.cni.cncf.io",
			remedy: "install Whereabouts", also: statuses{"pools": fail, "admission": fail, "known-fields": warn}}},
	}
}

func webhookRows() []row {
	line := func(status doctor.Status, message, remedy string) expectation {
		return expectation{check: "validating-webhook", status: status, message: message, remedy: remedy}
	}
	return []row{
		{"webhook for users ignores failures", changeUsers(func(w *admissionv1.ValidatingWebhook) { w.FailurePolicy = new(admissionv1.Ignore) }),
			line(fail, "users.validate.ippool-webhook: failurePolicy must be Fail, is Ignore (in an outage, users can corrupt pools)",
				"set failurePolicy in webhooks[0] of the ValidatingWebhookConfiguration ippool-webhook to Fail")},
		{"webhook for Whereabouts fails", addWhereabouts(func(w *admissionv1.ValidatingWebhook) { w.FailurePolicy = new(admissionv1.Fail) }),
			line(fail, "whereabouts.validate.ippool-webhook: failurePolicy must be Ignore, is Fail (in an outage, pods get addresses that no pool records)",
				"set failurePolicy in webhooks[")},
		{"Whereabouts waits", addWhereabouts(func(w *admissionv1.ValidatingWebhook) { w.TimeoutSeconds = new(int32(10)) }),
			line(fail, "timeoutSeconds must be 1, is 10", "set timeoutSeconds in webhooks[")},
		{"short timeout for users", changeUsers(func(w *admissionv1.ValidatingWebhook) { w.TimeoutSeconds = new(int32(2)) }),
			line(warn, "timeoutSeconds must be 5, is 2", "set timeoutSeconds in webhooks[0]")},
		{"deletions unguarded", changeUsers(func(w *admissionv1.ValidatingWebhook) { w.Rules[0].Operations = w.Rules[0].Operations[:2] }),
			line(fail, "rules must be [CREATE DELETE UPDATE] whereabouts.cni.cncf.io/v1alpha1/ippools scope Namespaced, is [CREATE UPDATE]", "set rules in webhooks[0]")},
		{"wrong path", addWhereabouts(func(w *admissionv1.ValidatingWebhook) { w.ClientConfig.Service.Path = new("/validate") }),
			line(fail, "clientConfig.service.path must be /validate-whereabouts-cni-cncf-io-v1alpha1-ippool/observe, is /validate", "set clientConfig.service.path in webhooks[")},
		{"namespace left out", changeUsers(func(w *admissionv1.ValidatingWebhook) {
			w.NamespaceSelector = &metav1.LabelSelector{MatchLabels: map[string]string{"guarded": "yes"}}
		}), expectation{check: "validating-webhook", status: fail, message: "namespaceSelector must be {}, is guarded=yes", remedy: "set namespaceSelector",
			also: statuses{"admission": fail}}},
		{"side effects", addWhereabouts(func(w *admissionv1.ValidatingWebhook) {
			w.SideEffects = new(admissionv1.SideEffectClassNoneOnDryRun)
		}),
			line(warn, "sideEffects must be None, is NoneOnDryRun", "set sideEffects in webhooks[")},
		{"Whereabouts in enforce mode", addWhereabouts(func(w *admissionv1.ValidatingWebhook) {
			w.ClientConfig.Service.Path = new(server.ValidatePath)
		}), expectation{check: "validating-webhook", status: pass, message: "matches the shipped manifests (users: Enforce, Whereabouts: Enforce)"}},
		{"Whereabouts in observe mode", addWhereabouts(func(*admissionv1.ValidatingWebhook) {}),
			expectation{check: "identities", status: pass, message: "the match conditions recognize system:serviceaccount:kube-system:whereabouts as Whereabouts (mode Observe)"}},
		{"users in observe mode", func(t *testing.T) {
			alter(t, validating(), func(c *admissionv1.ValidatingWebhookConfiguration) {
				c.Webhooks[users].ClientConfig.Service.Path, c.Webhooks[users].FailurePolicy = new(server.ObservePath), new(admissionv1.Ignore)
			})
			remove(t, mutating())
		}, expectation{check: "validating-webhook", status: warn, message: "users are in observe mode: no request is denied", remedy: "set the chart value webhooks.users.mode to Enforce",
			also: statuses{"admission": warn}}},
		{"another webhook", func(t *testing.T) {
			alter(t, validating(), func(c *admissionv1.ValidatingWebhookConfiguration) {
				more := c.Webhooks[0].DeepCopy()
				more.Name = "more.validate.ippool-webhook"
				c.Webhooks = append(c.Webhooks, *more)
			})
		}, line(warn, "the webhook more.validate.ippool-webhook is not in the shipped manifests", "remove webhooks[1]")},
		{"no validating configuration", func(t *testing.T) { remove(t, validating()) },
			expectation{check: "validating-webhook", status: fail, message: "there is no ValidatingWebhookConfiguration ippool-webhook", remedy: "kubectl apply --server-side -k",
				also: statuses{"admission": fail, "identities": fail}}},
		{"no mutating configuration", func(t *testing.T) { remove(t, mutating()) },
			expectation{check: "mutating-webhook", status: warn, message: "there is no MutatingWebhookConfiguration ippool-webhook", remedy: "kubectl apply --server-side -k"}},
		{"mutating webhook fails", func(t *testing.T) {
			alter(t, mutating(), func(c *admissionv1.MutatingWebhookConfiguration) {
				c.Webhooks[0].FailurePolicy = new(admissionv1.Fail)
			})
		}, expectation{check: "mutating-webhook", status: warn, message: "failurePolicy must be Ignore, is Fail", remedy: "set failurePolicy"}},
	}
}

func conditionRows() []row {
	line := func(message, remedy string) expectation {
		return expectation{check: "validating-webhook", status: fail, message: message, remedy: remedy}
	}
	replace := func(old, updated string) func(*admissionv1.ValidatingWebhook) {
		return func(w *admissionv1.ValidatingWebhook) {
			c := &w.MatchConditions[0]
			c.Expression = strings.Replace(c.Expression, old, updated, 1)
		}
	}
	return []row{
		{"user name in one webhook only", addWhereabouts(replace(`""`, `"bob"`)),
			line("only whereabouts.validate.ippool-webhook has bob", "set the same list of user names in")},
		{"no condition", changeUsers(func(w *admissionv1.ValidatingWebhook) { w.MatchConditions = nil }),
			expectation{check: "validating-webhook", status: fail, message: "matchConditions users is missing", remedy: "set matchConditions in webhooks[0]",
				also: statuses{"identities": fail}}},
		{"another condition", changeUsers(func(w *admissionv1.ValidatingWebhook) {
			w.MatchConditions = append(w.MatchConditions, admissionv1.MatchCondition{Name: "not-bob", Expression: "request.name != 'bob'"})
		}), line("matchConditions not-bob is not in the shipped manifests", "remove it from matchConditions in webhooks[0]")},
		{"Whereabouts not recognized", changeUsers(replace("contains('whereabouts')", "contains('multus')")),
			expectation{check: "identities", status: fail,
				message: "system:serviceaccount:kube-system:whereabouts writes pools through role whereabouts-cni and is not recognized as Whereabouts",
				remedy:  "add system:serviceaccount:kube-system:whereabouts to the chart value webhooks.whereabouts.extraUsernames",
				also:    statuses{"validating-webhook": fail}}},
	}
}

// serve writes a certificate of an authority to the replicas and to the Secret until the end of the test.
func serve(t *testing.T, ca *authority, host string, left time.Duration) {
	t.Helper()
	write := func(ca *authority, host string, left time.Duration) {
		if err := ca.write(suite.certDir(), host, left); err != nil {
			t.Fatal(err)
		}
		secret, err := suite.secret()
		if err != nil {
			t.Fatal(err)
		}
		store(t, secret)
		awaitServed(t, secret.Data[corev1.TLSCertKey])
	}
	write(ca, host, left)
	t.Cleanup(func() { write(suite.ca, "ippool-webhook.ippool-webhook.svc", years(1)) })
	reconnect(t)
}

// serveUntilExpired makes the replicas serve a certificate until it has expired. A certificate that has already expired would not
// replace the certificate that they serve.
func serveUntilExpired(t *testing.T, left time.Duration) {
	t.Helper()
	expiry := time.Now().Add(left)
	serve(t, suite.ca, "ippool-webhook.ippool-webhook.svc", left)
	err := environment.Await(t.Context(), "the end of the certificate", func(context.Context) error {
		if left := time.Until(expiry); left > -time.Second { // the times in certificates are whole seconds
			return fmt.Errorf("it is good for %s", left)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	reconnect(t)
}

// awaitServed waits until all replicas serve a certificate.
func awaitServed(t *testing.T, certificate []byte) {
	t.Helper()
	for _, r := range suite.replicas {
		err := environment.Await(context.WithoutCancel(t.Context()), "the new certificate", func(ctx context.Context) error {
			dialer := &tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}
			connection, err := dialer.DialContext(ctx, "tcp", r.address)
			if err != nil {
				return err
			}
			defer func() { _ = connection.Close() }()
			leaf := connection.(*tls.Conn).ConnectionState().PeerCertificates[0] //nolint:errcheck // what a tls.Dialer returns
			if !bytes.Equal(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf.Raw}), certificate) {
				return errors.New("another certificate is served")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// reconnect makes the API server open new connections, as it does for a new caBundle. Otherwise it continues to use its open
// connections, even if certificates and endpoints change.
func reconnect(t *testing.T) {
	t.Helper()
	trust(t, append(suite.ca.pem(), authorityFor(t, years(1)).pem()...))
}

// authorityFor returns a CA.
func authorityFor(t *testing.T, left time.Duration) *authority {
	t.Helper()
	ca, err := newAuthority(left)
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

// trust sets the caBundle of every webhook until the end of the test.
func trust(t *testing.T, bundle []byte) {
	t.Helper()
	alter(t, validating(), func(c *admissionv1.ValidatingWebhookConfiguration) {
		for n := range c.Webhooks {
			c.Webhooks[n].ClientConfig.CABundle = bundle
		}
	})
	alter(t, mutating(), func(c *admissionv1.MutatingWebhookConfiguration) { c.Webhooks[0].ClientConfig.CABundle = bundle })
}

// servedRows break the certificates that the replicas serve, and the caBundle.
func servedRows() []row {
	return []row{
		{"caBundle never injected", func(t *testing.T) { trust(t, nil) },
			expectation{check: "ca-bundle", status: fail, message: "caBundle of users.validate.ippool-webhook is empty", remedy: "cert-manager.io/inject-ca-from",
				also: statuses{"serving-certificate": fail, "admission": fail}}},
		{"caBundle of another CA", func(t *testing.T) { trust(t, authorityFor(t, years(1)).pem()) },
			expectation{check: "serving-certificate", status: fail, message: "x509: certificate signed by unknown authority", remedy: "cert-manager.io/inject-ca-from",
				also: statuses{"admission": fail}}},
		{"one webhook trusts another CA too", addWhereabouts(func(w *admissionv1.ValidatingWebhook) {
			ca, err := newAuthority(years(1))
			if err == nil {
				w.ClientConfig.CABundle = append(ca.pem(), w.ClientConfig.CABundle...)
			}
		}), expectation{check: "ca-bundle", status: warn, message: "caBundle of whereabouts.validate.ippool-webhook differs from caBundle of users.validate.ippool-webhook", remedy: "annotate"}},
		{"CA ends soon", func(t *testing.T) {
			ca := authorityFor(t, 7*day)
			serve(t, ca, host, years(1))
			trust(t, ca.pem())
		}, expectation{check: "ca-bundle", status: warn, message: "the CA in caBundle of users.validate.ippool-webhook expires at", remedy: "annotate",
			also: statuses{"serving-certificate": warn}}},
		{"certificate of another host", func(t *testing.T) { serve(t, suite.ca, "localhost", years(1)) },
			expectation{check: "serving-certificate", status: fail, message: "x509: certificate is valid for localhost, not " + host,
				remedy: "serve a certificate whose DNS names include " + host, also: statuses{"admission": fail}}},
		{"certificate expired", func(t *testing.T) { serveUntilExpired(t, 5*time.Second) },
			expectation{check: "serving-certificate", status: fail, message: "x509: certificate has expired", remedy: "cmctl renew -n ippool-webhook ippool-webhook-serving",
				also: statuses{"admission": fail}}},
		{"certificate ends soon", func(t *testing.T) { serve(t, suite.ca, host, 7*day) },
			expectation{check: "serving-certificate", status: warn, message: "expires at", remedy: "cmctl renew"}},
	}
}

func endpointRows() []row {
	slice := func(n string) *discoveryv1.EndpointSlice {
		return object(&discoveryv1.EndpointSlice{}, name, name+"-"+n)
	}
	return []row{
		{"no endpoint", func(t *testing.T) {
			remove(t, slice("0"))
			remove(t, slice("1"))
			reconnect(t)
		},
			expectation{check: "serving-certificate", status: fail, message: "Service ippool-webhook/ippool-webhook has no ready endpoint for port 443",
				remedy: "kubectl -n ippool-webhook get pods -l app.kubernetes.io/name=ippool-webhook", also: statuses{"secret": warn, "admission": fail}}},
		{"no second endpoint", func(t *testing.T) {
			alter(t, slice("1"), func(s *discoveryv1.EndpointSlice) { s.Endpoints[0].Conditions.Ready = new(false) })
		}, expectation{check: "serving-certificate", status: warn, message: "only 1 endpoint is ready", remedy: "--replicas=2"}},
		{"no Service", func(t *testing.T) {
			remove(t, object(&corev1.Service{}, name, name))
			reconnect(t)
		},
			expectation{check: "serving-certificate", status: fail, message: "there is no Service ippool-webhook/ippool-webhook", remedy: "kubectl apply --server-side -k",
				also: statuses{"secret": warn, "admission": fail}}},
	}
}

// certificateRows break the Certificate and the Secret.
func certificateRows() []row {
	certificate := func(change func(*certmanagerv1.CertificateStatus)) func(*testing.T) {
		return func(t *testing.T) {
			alter(t, object(&certmanagerv1.Certificate{}, name, serving), func(c *certmanagerv1.Certificate) { change(&c.Status) })
		}
	}
	return []row{
		{"Certificate not ready", certificate(func(s *certmanagerv1.CertificateStatus) {
			s.Conditions[0].Status, s.Conditions[0].Reason, s.Conditions[0].Message = cmmeta.ConditionFalse, "IssuerNotReady", "the issuer is gone"
		}), expectation{check: "certificate", status: fail, message: "Certificate ippool-webhook/ippool-webhook-serving is not Ready: IssuerNotReady: the issuer is gone",
			remedy: "cmctl status certificate -n ippool-webhook ippool-webhook-serving"}},
		{"no cert-manager", func(t *testing.T) {
			remove(t, object(&certmanagerv1.Certificate{}, name, serving))
			remove(t, object(&apiextensionsv1.CustomResourceDefinition{}, "", "certificates.cert-manager.io"))
		}, expectation{check: "certificate", status: pass, message: "cert-manager is not installed"}},
		{"another source of certificates", func(t *testing.T) {
			remove(t, object(&certmanagerv1.Certificate{}, name, serving))
			remove(t, object(&corev1.Secret{}, name, serving))
		}, expectation{check: "secret", status: pass, message: "the serving certificate has another source"}},
		{"renewal overdue", certificate(func(s *certmanagerv1.CertificateStatus) { s.RenewalTime = new(metav1.NewTime(time.Now().Add(-day))) }),
			expectation{check: "certificate", status: warn, message: "the renewal of Certificate ippool-webhook/ippool-webhook-serving has been overdue since", remedy: "cmctl status certificate"}},
		{"Secret ahead of the server", func(t *testing.T) {
			alter(t, object(&corev1.Secret{}, name, serving), func(s *corev1.Secret) { s.Data[corev1.TLSCertKey] = suite.ca.pem() })
		}, expectation{check: "secret", status: warn, message: "presents another certificate than the one in Secret ippool-webhook/ippool-webhook-serving", remedy: "wait two minutes"}},
		{"no Secret", func(t *testing.T) { remove(t, object(&corev1.Secret{}, name, serving)) },
			expectation{check: "secret", status: fail, message: "there is no Secret ippool-webhook/ippool-webhook-serving", remedy: "see certificate"}},
	}
}

func admissionRows() []row {
	restart := func(policy string) func(*testing.T) {
		return func(t *testing.T) {
			restartAll(t, policy)
			t.Cleanup(func() { restartAll(t, "") })
		}
	}
	const header = "apiVersion: config.ippool-webhook/v1alpha1\nkind: Policy\nrules:\n"
	all := func(action string) string {
		return strings.ReplaceAll(header+"  range-syntax: {action: X}\n  offset-syntax: {action: X}\n  podref-syntax: {action: X}\n", "X", action)
	}
	return []row{
		{"webhook down", func(t *testing.T) {
			for _, r := range suite.replicas {
				if err := r.Stop(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			t.Cleanup(func() { restartAll(t, "") })
		}, expectation{check: "admission", status: fail, message: `failed calling webhook "users.validate.ippool-webhook"`, remedy: "NetworkPolicy",
			also: statuses{"serving-certificate": warn, "secret": warn}}},
		{"rules warn", restart(all("Warn")), expectation{check: "admission", status: warn,
			message: "its Policy only warns about findings of rule range-syntax", remedy: "set rules.range-syntax.action to Deny in the Policy"}},
		{"rule off", restart(header + "  range-syntax: {action: Off}\n"), expectation{check: "admission", status: warn,
			message: "it did not deny the dry run with code 422 and rule range-syntax", remedy: "set rules.range-syntax.action to Deny in the Policy"}},
		{"all rules off", restart(all("Off")), expectation{check: "admission", status: fail, message: "the API server accepted a malformed pool", remedy: "the Policy"}},
	}
}

// restartAll starts the replicas again with a Policy.
func restartAll(t *testing.T, policy string) {
	t.Helper()
	for _, r := range suite.replicas {
		if err := r.Restart(context.WithoutCancel(t.Context()), environment.Options{Policy: policy}); err != nil {
			t.Fatal(err)
		}
	}
}

func serviceAccountRows() []row {
	return []row{
		{"Whereabouts in another namespace", func(t *testing.T) { add(t, binding("whereabouts-too", "cni", "whereabouts")) },
			expectation{check: "identities", status: fail, message: "system:serviceaccount:cni:whereabouts writes pools through role whereabouts-cni and is not recognized as Whereabouts",
				remedy: "add system:serviceaccount:cni:whereabouts to the chart value webhooks.whereabouts.extraUsernames"}},
		{"another controller", func(t *testing.T) {
			role := &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Name: "pool-editor", Namespace: "default"}, Rules: []rbacv1.PolicyRule{{
				APIGroups: []string{ippool.Group}, Resources: []string{"*"}, Verbs: []string{"patch"},
			}}}
			add(t, role)
			add(t, &rbacv1.RoleBinding{
				ObjectMeta: metav1.ObjectMeta{Name: "pool-editor", Namespace: "default"},
				RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: role.Name},
				Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: "default", Name: "editor"}},
			})
		}, expectation{check: "identities", status: warn, message: "system:serviceaccount:default:editor writes pools through role pool-editor and is treated as a user", remedy: "another controller"}},
		{"no Whereabouts", func(t *testing.T) { remove(t, object[client.Object](&rbacv1.ClusterRoleBinding{}, "", "whereabouts")) },
			expectation{check: "identities", status: warn, message: "no service account has a role that names ippools", remedy: "install Whereabouts"}},
	}
}

// TestText compares the text of the report with the README for a healthy installation, and with a file for an installation with
// several problems.
func TestText(t *testing.T) {
	awaitHealthy(t)
	shown := "```console\n$ ippool-webhook doctor\n" + text(t, 0) + "```"
	golden.Section(t, suite.Path("README.md"), "doctor", shown, withoutTimes)
	changeUsers(func(w *admissionv1.ValidatingWebhook) { w.FailurePolicy = new(admissionv1.Ignore) })(t)
	add(t, binding("whereabouts-too", "cni", "whereabouts"))
	alter(t, object(&discoveryv1.EndpointSlice{}, name, name+"-1"), func(s *discoveryv1.EndpointSlice) { s.Endpoints = nil })
	await(t, expectation{check: "validating-webhook", status: fail, also: statuses{"identities": fail, "serving-certificate": warn}, code: 1}, "--kubeconfig", suite.jane)
	golden.Compare(t, "testdata/broken.txt", []byte(withoutTimes(text(t, 1))))
}

// text returns the output of doctor, which must exit with this code.
func text(t *testing.T, code int) string {
	t.Helper()
	got, err := execute(t.Context(), "--kubeconfig", suite.jane)
	if err != nil {
		t.Fatal(err)
	}
	if got.code != code || got.stderr != "" {
		t.Errorf("exit code %d, stderr %q, want %d", got.code, got.stderr, code)
	}
	return got.stdout
}

// withoutTimes replaces the times, which differ from run to run.
func withoutTimes(text string) string {
	return regexp.MustCompile(`\d{4}-\d\d-\d\dT[0-9:]+Z`).ReplaceAllString(text, "TIME")
}
