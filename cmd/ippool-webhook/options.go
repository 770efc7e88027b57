package main

import (
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/go-logr/logr"
	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/clientcmd"
	cliflag "k8s.io/component-base/cli/flag"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"ippool-webhook/certs"
)

// serveOptions are the flags of serve.
type serveOptions struct {
	bindAddress            string
	port                   int
	metricsBindAddress     string
	healthProbeBindAddress string
	certSource             string
	certDir                string
	selfManaged            selfManagedOptions
	config                 string
	fieldValidation        string
	drainQuietPeriod       time.Duration
	tls                    tlsOptions
	zap                    zap.Options
}

func newServeOptions() *serveOptions {
	return &serveOptions{
		port:                   9443,
		metricsBindAddress:     ":8080",
		healthProbeBindAddress: ":8081",
		certSource:             "files",
		certDir:                "/etc/ippool-webhook/certs",
		selfManaged: selfManagedOptions{ //nolint:gosec // names, no secrets
			namespace: podNamespace(),
			secret:    "ippool-webhook-serving",
			service:   "ippool-webhook",
			webhooks:  "ippool-webhook",
		},
		drainQuietPeriod: 5 * time.Second,
	}
}

func (o *serveOptions) addFlags(fs *pflag.FlagSet) {
	fs.StringVar(&o.bindAddress, "bind-address", o.bindAddress, "address on which the webhook listens (default all addresses)")
	fs.IntVar(&o.port, "port", o.port, "TCP port on which the webhook listens, from 1 to 65535")
	fs.StringVar(&o.metricsBindAddress, "metrics-bind-address", o.metricsBindAddress, "host:port of the HTTP endpoint /metrics; 0 turns it off")
	fs.StringVar(&o.healthProbeBindAddress, "health-probe-bind-address", o.healthProbeBindAddress, "host:port of the HTTP endpoints /healthz and /readyz; 0 turns them off")
	fs.StringVar(&o.certSource, "cert-source", o.certSource,
		"source of the serving certificate: files (tls.crt and tls.key in --cert-dir), self-managed (the replicas create and renew it in "+
			"a Secret; requires RBAC permissions) or dev (created at start, for localhost)")
	fs.StringVar(&o.certDir, "cert-dir", o.certDir,
		"with --cert-source files, directory that contains tls.crt and tls.key; with --cert-source dev, directory to which ca.crt is written")
	o.selfManaged.addFlags(fs)
	fs.StringVar(&o.config, "config", o.config, "YAML file that contains the Policy (default the built-in Policy)")
	fs.StringVar(&o.fieldValidation, "field-validation", o.fieldValidation,
		"minimum strictness for unknown and duplicate fields, for all clients: Ignore, Warn or Strict (default fieldValidation of the Policy)")
	fs.Lookup("field-validation").DefValue = "" // the Policy decides if the flag is absent
	fs.DurationVar(&o.drainQuietPeriod, "drain-quiet-period", o.drainQuietPeriod,
		"time without requests after which a terminating replica exits; the replica waits for at most 20s")
	o.tls.addFlags(fs)
	goFlags := flag.NewFlagSet("", flag.ContinueOnError)
	o.zap.BindFlags(goFlags)
	fs.AddGoFlagSet(goFlags)
	describeLogFlags(fs)
}

// describeLogFlags replaces the help of the flags of controller-runtime, which names another default for the time format than
// the code of controller-runtime uses.
func describeLogFlags(fs *pflag.FlagSet) {
	for name, usage := range map[string]string{
		"zap-devel":            "log settings for development: changes the default format to console, the level to debug and the stack trace level to warn",
		"zap-encoder":          "log format: json or console (default json)",
		"zap-log-level":        "minimum level of log lines: debug, info, error, panic, or a positive integer for more debug lines (default info)",
		"zap-stacktrace-level": "minimum level of log lines that have a stack trace: info, error or panic (default error)",
		"zap-time-encoding":    "time format of log lines: epoch, millis, nano, iso8601, rfc3339 or rfc3339nano (default rfc3339)",
	} {
		fs.Lookup(name).Usage = usage
	}
}

// selfManagedOptions are the flags of self-managed certificates.
type selfManagedOptions struct {
	kubeconfig string
	namespace  string
	secret     string
	service    string
	webhooks   string
}

func (o *selfManagedOptions) addFlags(fs *pflag.FlagSet) {
	const with = "with --cert-source self-managed, "
	fs.StringVar(&o.kubeconfig, "kubeconfig", "", with+"path of the kubeconfig (default the service account of the pod)")
	fs.StringVar(&o.namespace, "namespace", o.namespace, with+"namespace of the Secret and of the Service (default the namespace of the pod, or ippool-webhook)")
	fs.Lookup("namespace").DefValue = "" // the help must be the same in a pod
	fs.StringVar(&o.secret, "secret-name", o.secret, with+"Secret that stores the CA and the serving certificate; it must exist and may be empty")
	fs.StringVar(&o.service, "service-name", o.service, with+"Service in front of the webhook")
	fs.StringVar(&o.webhooks, "webhook-configuration-name", o.webhooks,
		with+"name of the ValidatingWebhookConfiguration and of the MutatingWebhookConfiguration to which the CA is written (caBundle)")
}

// podNamespace returns the namespace of the pod, or ippool-webhook outside of a pod.
func podNamespace() string {
	const inPod = "/var/run/secrets/kubernetes.io/serviceaccount/namespace" // client-go reads the token in the same folder
	if text, err := os.ReadFile(inPod); err == nil {
		return strings.TrimSpace(string(text))
	}
	return "ippool-webhook"
}

// source returns the source of self-managed certificates.
func (o *selfManagedOptions) source(log logr.Logger) (*certs.Source, error) {
	config, err := clientcmd.BuildConfigFromFlags("", o.kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("--cert-source self-managed cannot connect to the API server: %w; outside a pod, set --kubeconfig", err)
	}
	return certs.NewSelfManaged(certs.SelfManaged{
		Config:   config,
		Secret:   types.NamespacedName{Namespace: o.namespace, Name: o.secret},
		Service:  o.service,
		Webhooks: o.webhooks,
	}, log), nil
}

// tlsOptions are the flags for TLS. They have the names of the flags of kube-apiserver.
type tlsOptions struct {
	minVersion       string
	cipherSuites     []string
	curvePreferences []int32
	clientCAFile     string
	clientNames      []string
}

func (o *tlsOptions) addFlags(fs *pflag.FlagSet) {
	fs.StringVar(&o.minVersion, "tls-min-version", "VersionTLS12", "minimum TLS version: VersionTLS12 or VersionTLS13")
	fs.StringSliceVar(&o.cipherSuites, "tls-cipher-suites", nil,
		"cipher suites for TLS 1.2, comma-separated: "+strings.Join(cliflag.PreferredTLSCipherNames(), ",")+" (default those of Go)")
	fs.Int32SliceVar(&o.curvePreferences, "tls-curve-preferences", nil,
		"IANA numbers of the allowed key exchanges, comma-separated, for example 29 for X25519 (default those of Go)")
	fs.Lookup("tls-curve-preferences").DefValue = "" // otherwise the help also shows the default []
	fs.StringVar(&o.clientCAFile, "client-ca-file", "",
		"PEM file that contains the CAs of client certificates (default none: clients need no certificate)")
	fs.StringSliceVar(&o.clientNames, "client-allowed-names", nil,
		"allowed common names and DNS names of client certificates, comma-separated (default every certificate of the CA)")
}

// options returns functions that apply the flags to a TLS configuration.
func (o *tlsOptions) options(log logr.Logger) ([]func(*tls.Config), error) {
	version, err := cliflag.TLSVersion(o.minVersion)
	if err != nil || version < tls.VersionTLS12 {
		return nil, fmt.Errorf("--tls-min-version %q is invalid: must be VersionTLS12 or VersionTLS13", o.minVersion)
	}
	suites, err := cliflag.TLSCipherSuites(o.cipherSuites)
	if err != nil {
		return nil, fmt.Errorf("--tls-cipher-suites: %w", err)
	}
	curves, err := cliflag.TLSCurvePreferences(o.curvePreferences)
	if err != nil {
		return nil, fmt.Errorf("--tls-curve-preferences: %w", err)
	}
	clients, err := o.clientAuth(log)
	if err != nil {
		return nil, err
	}
	return []func(*tls.Config){
		func(c *tls.Config) { c.MinVersion, c.CipherSuites, c.CurvePreferences = version, suites, curves },
		clients.Configure,
	}, nil
}

// clientAuth returns the check of client certificates, or nil if every client may connect.
func (o *tlsOptions) clientAuth(log logr.Logger) (*certs.ClientAuth, error) {
	if o.clientCAFile == "" {
		if len(o.clientNames) > 0 {
			return nil, errors.New("--client-allowed-names requires --client-ca-file")
		}
		return nil, nil
	}
	clients, err := certs.NewClientAuth(o.clientCAFile, o.clientNames, log)
	if err != nil {
		return nil, fmt.Errorf("--client-ca-file: %w", err)
	}
	return clients, nil
}
