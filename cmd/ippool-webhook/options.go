package main

import (
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"strings"
	"time"

	"github.com/go-logr/logr"
	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/clientcmd"
	cliflag "k8s.io/component-base/cli/flag"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"ippool-webhook/certs"
	"ippool-webhook/webhook/policy"
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
			namespace: "ippool-webhook",
			secret:    "ippool-webhook-serving",
			service:   "ippool-webhook",
			webhooks:  "ippool-webhook",
		},
		fieldValidation:  string(policy.Ignore),
		drainQuietPeriod: 5 * time.Second,
	}
}

func (o *serveOptions) addFlags(fs *pflag.FlagSet) {
	fs.StringVar(&o.bindAddress, "bind-address", o.bindAddress, "address on which the webhook listens (default all addresses)")
	fs.IntVar(&o.port, "port", o.port, "port on which the webhook listens")
	fs.StringVar(&o.metricsBindAddress, "metrics-bind-address", o.metricsBindAddress, "host:port of /metrics, or 0 for no metrics")
	fs.StringVar(&o.healthProbeBindAddress, "health-probe-bind-address", o.healthProbeBindAddress, "host:port of /healthz and /readyz, or 0 for no probes")
	fs.StringVar(&o.certSource, "cert-source", o.certSource,
		"source of the serving certificate: files (tls.crt and tls.key in --cert-dir), self-managed (the replicas create and renew it in "+
			"a Secret; requires RBAC permissions) or dev (created at start, for localhost)")
	fs.StringVar(&o.certDir, "cert-dir", o.certDir, "directory that contains tls.crt and tls.key, for files; for dev, directory to which ca.crt is written")
	o.selfManaged.addFlags(fs)
	fs.StringVar(&o.config, "config", o.config, "file that contains the Policy (default the built-in Policy)")
	fs.StringVar(&o.fieldValidation, "field-validation", o.fieldValidation,
		"minimum strictness about unknown and duplicate fields for all clients: Ignore, Warn or Strict (default fieldValidation of the Policy)")
	fs.Lookup("field-validation").DefValue = "" // the Policy decides if the flag is absent
	fs.DurationVar(&o.drainQuietPeriod, "drain-quiet-period", o.drainQuietPeriod, "time without a request after which a terminating replica stops, at most 20s")
	o.tls.addFlags(fs)
	goFlags := flag.NewFlagSet("", flag.ContinueOnError)
	o.zap.BindFlags(goFlags)
	fs.AddGoFlagSet(goFlags)
	// The help of controller-runtime names its own default.
	fs.Lookup("zap-time-encoding").Usage = "time format of the log: epoch, millis, nano, iso8601, rfc3339 or rfc3339nano (default rfc3339)"
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
	fs.StringVar(&o.kubeconfig, "kubeconfig", "", "path of the kubeconfig, for self-managed (default the service account of the pod)")
	fs.StringVar(&o.namespace, "namespace", o.namespace, "namespace of the Secret and the Service, for self-managed")
	fs.StringVar(&o.secret, "secret-name", o.secret, "name of the Secret with the CA and the certificate, for self-managed; it must exist and may be empty")
	fs.StringVar(&o.service, "service-name", o.service, "name of the Service in front of the webhook, for self-managed")
	fs.StringVar(&o.webhooks, "webhook-configuration-name", o.webhooks, "name of the two webhook configurations whose caBundle is managed, for self-managed")
}

// source returns the source of self-managed certificates.
func (o *selfManagedOptions) source(log logr.Logger) (*certs.Source, error) {
	config, err := clientcmd.BuildConfigFromFlags("", o.kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("--cert-source self-managed cannot connect to the API server: %w; set --kubeconfig outside of a pod", err)
	}
	return certs.NewSelfManaged(certs.SelfManaged{
		Config:   config,
		Secret:   types.NamespacedName{Namespace: o.namespace, Name: o.secret},
		Service:  o.service,
		Webhooks: o.webhooks,
	}, log), nil
}

// tlsOptions are the flags about TLS, named as in kube-apiserver.
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
		"comma-separated cipher suites for TLS 1.2 (default those of Go): "+strings.Join(cliflag.PreferredTLSCipherNames(), ","))
	fs.Int32SliceVar(&o.curvePreferences, "tls-curve-preferences", nil,
		"comma-separated key exchanges by their IANA numbers, such as 29 for X25519 (default those of Go)")
	fs.Lookup("tls-curve-preferences").DefValue = "" // help would show the default [] too
	fs.StringVar(&o.clientCAFile, "client-ca-file", "",
		"PEM file with the CAs of client certificates (default clients need no certificate)")
	fs.StringSliceVar(&o.clientNames, "client-allowed-names", nil,
		"comma-separated allowed common names and DNS names of client certificates (default all certificates of the CAs)")
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
