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
	fs.StringVar(&o.bindAddress, "bind-address", o.bindAddress, "address that the webhook listens on; empty means all")
	fs.IntVar(&o.port, "port", o.port, "port that the webhook listens on")
	fs.StringVar(&o.metricsBindAddress, "metrics-bind-address", o.metricsBindAddress, "host:port of /metrics; 0 turns it off")
	fs.StringVar(&o.healthProbeBindAddress, "health-probe-bind-address", o.healthProbeBindAddress, "host:port of /healthz and /readyz; 0 turns them off")
	fs.StringVar(&o.certSource, "cert-source", o.certSource,
		"where the serving certificate comes from: files (tls.crt and tls.key in --cert-dir, read again when they change), "+
			"self-managed (made and renewed by the replicas, which keep it in a Secret; needs rights in the cluster) or dev (made at start, for localhost)")
	fs.StringVar(&o.certDir, "cert-dir", o.certDir, "directory of the certificate, for files; dev writes the ca.crt to trust there")
	o.selfManaged.addFlags(fs)
	fs.StringVar(&o.config, "config", o.config, "file with the Policy; without one, the defaults apply")
	fs.StringVar(&o.fieldValidation, "field-validation", o.fieldValidation,
		"least strictness about unknown and duplicate fields, whatever the client asks for: Ignore, Warn or Strict; overrides the Policy")
	fs.DurationVar(&o.drainQuietPeriod, "drain-quiet-period", o.drainQuietPeriod, "on SIGTERM, go on serving until no request has come for this long")
	o.tls.addFlags(fs)
	goFlags := flag.NewFlagSet("", flag.ContinueOnError)
	o.zap.BindFlags(goFlags)
	fs.AddGoFlagSet(goFlags)
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
	fs.StringVar(&o.kubeconfig, "kubeconfig", "", "kubeconfig file for self-managed; if empty, the pod's service account is used")
	fs.StringVar(&o.namespace, "namespace", o.namespace, "namespace of the Secret and the Service, for self-managed")
	fs.StringVar(&o.secret, "secret-name", o.secret, "name of the Secret that holds the CA and the certificate, for self-managed; it must exist and may be empty")
	fs.StringVar(&o.service, "service-name", o.service, "name of the Service in front of the webhook, for self-managed")
	fs.StringVar(&o.webhooks, "webhook-configuration-name", o.webhooks, "name of the two webhook configurations that must trust the CA, for self-managed")
}

// source returns the source of self-managed certificates.
func (o *selfManagedOptions) source(log logr.Logger) (*certs.Source, error) {
	config, err := clientcmd.BuildConfigFromFlags("", o.kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("--cert-source self-managed cannot reach the API server, want --kubeconfig outside a pod: %w", err)
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
	fs.StringVar(&o.minVersion, "tls-min-version", "VersionTLS12", "lowest TLS version: VersionTLS12 or VersionTLS13")
	fs.StringSliceVar(&o.cipherSuites, "tls-cipher-suites", nil,
		"cipher suites for TLS 1.2, those of Go if empty; possible: "+strings.Join(cliflag.PreferredTLSCipherNames(), ","))
	fs.Int32SliceVar(&o.curvePreferences, "tls-curve-preferences", nil,
		"key exchanges by their IANA number, such as 29 for X25519, those of Go if empty")
	fs.StringVar(&o.clientCAFile, "client-ca-file", "",
		"file with the CAs of client certificates, in PEM, read again when it changes; if empty, clients need no certificate")
	fs.StringSliceVar(&o.clientNames, "client-allowed-names", nil,
		"allowed common names and DNS names of client certificates, such as kube-apiserver; if empty, all certificates of the CAs")
}

// options returns what the flags change in a TLS configuration.
func (o *tlsOptions) options(log logr.Logger) ([]func(*tls.Config), error) {
	version, err := cliflag.TLSVersion(o.minVersion)
	if err != nil || version < tls.VersionTLS12 {
		return nil, fmt.Errorf("--tls-min-version %q is not supported, want VersionTLS12 or VersionTLS13", o.minVersion)
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
