package main

import (
	"fmt"

	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	cliflag "k8s.io/component-base/cli/flag"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	ctrlmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	"ippool-webhook/certs"
	"ippool-webhook/webhook/admission"
	"ippool-webhook/webhook/policy"
	"ippool-webhook/webhook/server"
)

func newServeCommand() *cobra.Command {
	o := newServeOptions()
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the admission webhook",
		Long: "Serve the validating and the mutating admission webhook for IPPools over TLS. serve needs no connection to the API server\n" +
			"and no RBAC permissions, except with --cert-source self-managed. On SIGTERM, serve immediately reports not ready, drains, and\n" +
			"exits after it has answered all requests.",
		Example: "  ippool-webhook serve --cert-source dev --cert-dir .run\n" +
			"  ippool-webhook serve --cert-dir /etc/ippool-webhook/certs --config /etc/ippool-webhook/policy.yaml",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			so, err := o.server(cmd.Flags().Changed("field-validation"))
			if err != nil {
				return err
			}
			if err := redirectHTTPLog(so.Log.WithName("http"), so.Registry); err != nil {
				return err
			}
			return server.Run(cmd.Context(), *so)
		},
	}
	o.addFlags(cmd.Flags())
	completeServeFlags(cmd)
	return cmd
}

// completeServeFlags makes shells complete the values of flags.
func completeServeFlags(cmd *cobra.Command) {
	completeFlag(cmd, "cert-source", "files", "self-managed", "dev")
	completeFlag(cmd, "field-validation", string(policy.Ignore), string(policy.Warn), string(policy.Strict))
	completeFlag(cmd, "tls-min-version", "VersionTLS12", "VersionTLS13")
	completeFlag(cmd, "tls-cipher-suites", cliflag.PreferredTLSCipherNames()...)
	completeFlag(cmd, "zap-encoder", "json", "console")
	completeFlag(cmd, "zap-log-level", "debug", "info", "error", "panic")
	completeFlag(cmd, "zap-stacktrace-level", "info", "error", "panic")
	completeFlag(cmd, "zap-time-encoding", "epoch", "millis", "nano", "iso8601", "rfc3339", "rfc3339nano")
	completeFile(cmd, "config")
}

// server returns the options of the server, or an error if a flag is invalid.
func (o *serveOptions) server(fieldValidationGiven bool) (*server.Options, error) {
	log := newLogger(&o.zap)
	ctrl.SetLogger(log)
	klog.SetLogger(log)

	if o.port < 1 || o.port > 65535 {
		return nil, fmt.Errorf("--port %d is invalid: must be from 1 to 65535", o.port)
	}
	tls, err := o.tls.options(log.WithName("certs"))
	if err != nil {
		return nil, err
	}
	evaluator, err := o.evaluator(fieldValidationGiven)
	if err != nil {
		return nil, err
	}
	certificates, err := o.certificates(log)
	if err != nil {
		return nil, err
	}
	return &server.Options{
		BindAddress: o.bindAddress, Port: o.port,
		MetricsBindAddress: o.metricsBindAddress, HealthProbeBindAddress: o.healthProbeBindAddress,
		Certificates: certificates, TLS: tls,
		Evaluator: evaluator, Limits: server.DefaultLimits(), DrainQuietPeriod: o.drainQuietPeriod,
		Log: log, Registry: ctrlmetrics.Registry,
	}, nil
}

// evaluator reads the Policy. The flag --field-validation overrides fieldValidation of the Policy.
func (o *serveOptions) evaluator(fieldValidationGiven bool) (*admission.Evaluator, error) {
	p := policy.Default()
	if o.config != "" {
		loaded, err := policy.Load(o.config)
		if err != nil {
			return nil, err
		}
		p = loaded
	}
	if fieldValidationGiven {
		switch level := policy.FieldValidation(o.fieldValidation); level {
		case policy.Ignore, policy.Warn, policy.Strict:
			p.FieldValidation = level
		default:
			return nil, fmt.Errorf("--field-validation %q is invalid: must be Ignore, Warn or Strict", o.fieldValidation)
		}
	}
	return admission.NewEvaluator(p)
}

func (o *serveOptions) certificates(log logr.Logger) (*certs.Source, error) {
	switch o.certSource {
	case "files":
		return certs.NewFiles(o.certDir, log.WithName("certs")), nil
	case "self-managed":
		return o.selfManaged.source(log.WithName("certs"))
	case "dev":
		source, err := certs.NewDev(o.certDir)
		if err != nil {
			return nil, fmt.Errorf("--cert-dir: %w", err)
		}
		return source, nil
	default:
		return nil, fmt.Errorf("--cert-source %q is invalid: must be dev, files or self-managed", o.certSource)
	}
}
