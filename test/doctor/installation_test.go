package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	certmanagerv1 "github.com/cert-manager/cert-manager/pkg/apis/certmanager/v1"
	"github.com/go-logr/logr"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/yaml"

	"ippool-webhook/test/environment"
)

const (
	name      = "ippool-webhook" // of the configurations, of the Service, of the Deployment and of their namespace
	serving   = "ippool-webhook-serving"
	host      = "ippool-webhook.ippool-webhook.svc"
	adminName = "jane" // a user with all permissions
)

// installation is a cluster with the webhook of the shipped manifests. The test writes what controllers write in a real cluster: the
// endpoints of the Service, its certificates and the caBundle.
type installation struct {
	*environment.ControlPlane
	dir      string
	binary   string
	admin    client.Client
	jane     string // path of the kubeconfig of adminName
	ca       *authority
	replicas []*replica
}

// replica is a process of the webhook, and its address.
type replica struct {
	*environment.Webhook
	address string // host:port
	port    int
}

func (i *installation) start(ctx context.Context) (err error) {
	log.SetLogger(logr.Discard())
	if err := i.startPlane(ctx); err != nil {
		return err
	}
	if i.binary, err = i.Binary(ctx, i.dir); err != nil {
		return err
	}
	if i.ca, err = newAuthority(years(1)); err != nil {
		return err
	}
	if err := i.startReplicas(ctx); err != nil {
		return err
	}
	return i.install(ctx)
}

// startPlane starts an API server that connects to the endpoints of Services.
func (i *installation) startPlane(ctx context.Context) error {
	certManager, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", "github.com/cert-manager/cert-manager").Output()
	if err != nil {
		return fmt.Errorf("cannot find cert-manager: %w", err)
	}
	files, err := environment.FindFiles(ctx)
	if err != nil {
		return err
	}
	i.ControlPlane, err = environment.StartControlPlane(ctx, environment.ControlPlaneOptions{
		CRDs:  []string{files.Manifest("crd"), filepath.Join(strings.TrimSpace(string(certManager)), "deploy", "crds")},
		Flags: map[string]string{"enable-aggregator-routing": "true"},
	})
	if err != nil {
		return err
	}
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), apiextensionsv1.AddToScheme(scheme), certmanagerv1.AddToScheme(scheme)); err != nil {
		return err
	}
	if i.admin, err = client.New(i.Admin(), client.Options{Scheme: scheme}); err != nil {
		return err
	}
	i.jane, err = i.kubeconfig(adminName, "system:masters")
	return err
}

// kubeconfig adds a user and returns the path of the kubeconfig of the user.
func (i *installation) kubeconfig(user string, groups ...string) (string, error) {
	added, err := i.AddUser(user, groups...)
	if err != nil {
		return "", err
	}
	return added.Kubeconfig, nil
}

// startReplicas starts two processes on an address of the host: an EndpointSlice must not contain a loopback address.
func (i *installation) startReplicas(ctx context.Context) error {
	address, err := environment.HostAddress()
	if err != nil {
		return err
	}
	if err := os.Mkdir(i.certDir(), 0o700); err != nil {
		return err
	}
	if err := i.ca.write(i.certDir(), host, years(1)); err != nil {
		return err
	}
	for range 2 {
		port, err := environment.FreePort(address)
		if err != nil {
			return err
		}
		webhook, err := i.NewWebhook(ctx, i.certDir(), address, port)
		if err != nil {
			return err
		}
		i.replicas = append(i.replicas, &replica{webhook, net.JoinHostPort(address, strconv.Itoa(port)), port})
		if err := webhook.Start(ctx, environment.Options{}); err != nil {
			return err
		}
	}
	return nil
}

// certDir returns the directory that takes the place of the mounted Secret.
func (i *installation) certDir() string { return filepath.Join(i.dir, "certs") }

// install creates the objects of the manifests, with the caBundle that cert-manager injects in a real cluster, and the surroundings.
func (i *installation) install(ctx context.Context) error {
	objects, err := i.surroundings()
	if err != nil {
		return err
	}
	var manifests []client.Object
	for _, file := range []string{"namespace", "service", "deployment", "validating-webhook", "mutating-webhook"} {
		object, err := i.manifest(file)
		if err != nil {
			return err
		}
		manifests = append(manifests, object)
	}
	for _, object := range append(manifests, objects...) {
		if err := i.create(ctx, object); err != nil {
			return fmt.Errorf("cannot create %T %s: %w", object, object.GetName(), err)
		}
	}
	return nil
}

// create creates an object and, for a Certificate, its status.
func (i *installation) create(ctx context.Context, object client.Object) error {
	certificate, ok := object.(*certmanagerv1.Certificate)
	if !ok {
		return i.admin.Create(ctx, object)
	}
	certificate = certificate.DeepCopy() // the status must stay unchanged if the attempt fails
	status := certificate.Status
	if err := i.admin.Create(ctx, certificate); err != nil {
		return err
	}
	certificate.Status = status
	return i.admin.Status().Update(ctx, certificate)
}

// manifest reads one of the shipped manifests.
func (i *installation) manifest(file string) (client.Object, error) {
	text, err := os.ReadFile(i.Manifest("base", file+".yaml"))
	if err != nil {
		return nil, err
	}
	decoded, _, err := clientgoscheme.Codecs.UniversalDeserializer().Decode(text, nil, nil)
	if err != nil {
		return nil, err
	}
	switch object := decoded.(type) {
	case *admissionv1.ValidatingWebhookConfiguration:
		for n := range object.Webhooks {
			object.Webhooks[n].ClientConfig.CABundle = i.ca.pem()
		}
	case *admissionv1.MutatingWebhookConfiguration:
		for n := range object.Webhooks {
			object.Webhooks[n].ClientConfig.CABundle = i.ca.pem()
		}
	}
	object, ok := decoded.(client.Object)
	if !ok {
		return nil, fmt.Errorf("%s is no object", file)
	}
	return object, nil
}

// servingCertificate returns the Certificate of the shipped overlay.
func (i *installation) servingCertificate() (*certmanagerv1.Certificate, error) {
	built, err := i.Build("resources: [../manifests/overlays/cert-manager]\n", nil)
	if err != nil {
		return nil, err
	}
	for _, r := range built.Resources() {
		if r.GetKind() == certmanagerv1.CertificateKind && r.GetName() == serving {
			certificate := &certmanagerv1.Certificate{}
			return certificate, yaml.Unmarshal([]byte(r.MustYaml()), certificate)
		}
	}
	return nil, errors.New("the overlay has no Certificate " + serving)
}

func (i *installation) stop(ctx context.Context) error {
	var failures []error
	for _, r := range i.replicas {
		failures = append(failures, r.Stop(ctx))
	}
	if i.ControlPlane != nil {
		failures = append(failures, i.Stop())
	}
	return errors.Join(failures...)
}
