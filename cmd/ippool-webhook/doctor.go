package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	ctrl "sigs.k8s.io/controller-runtime"

	"ippool-webhook/webhook/doctor"
)

// exitCheckFailed is the exit code of doctor if a check failed.
const exitCheckFailed = 1

// doctorOptions are the flags of doctor.
type doctorOptions struct {
	kubeconfig string
	context    string
	name       string
	config     string
	output     string
	preflight  bool
	timeout    time.Duration
}

func newDoctorCommand() *cobra.Command {
	o := &doctorOptions{}
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check that the installed webhook protects the pools",
		Long: "Check an installation, from the CRD of IPPools to the service accounts that write them. doctor prints a line for each check:\n" +
			"its status (pass, warn or fail), the problems, and a remedy. doctor only reads, except for one pool that it creates as a dry\n" +
			"run. If the user of doctor lacks an RBAC permission, the remedy names the permission.\n\n" +
			"With --preflight, doctor checks a cluster before the installation: the version of Kubernetes, the CRD of IPPools,\n" +
			"cert-manager, and whether the match conditions recognize the service accounts that run Whereabouts.\n\n" +
			"The check known-fields lists the fields of the CRD that are neither in the schema of the webhook nor in knownFields of the\n" +
			"Policy, with the line to set in the Policy. The webhook denies a kubectl request that adds such a field. doctor reads the\n" +
			"Policy from the ConfigMap that the webhook mounts, or from the file of --config.\n\n" +
			"Exit codes: 0 if no check failed (warnings are allowed), 1 if a check failed, 2 if doctor could not check the cluster, for\n" +
			"example because a flag is invalid, there is no kubeconfig, the API server does not answer, or the user has no permissions.",
		Example: "  ippool-webhook doctor\n" +
			"  ippool-webhook doctor --preflight\n" +
			"  ippool-webhook doctor --context production -o json\n" +
			"  ippool-webhook doctor --config policy.yaml",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	fs := cmd.Flags()
	fs.StringVar(&o.kubeconfig, "kubeconfig", "", "path of the kubeconfig; default: $KUBECONFIG, or ~/.kube/config, or in a pod the service account of the pod")
	fs.StringVar(&o.context, "context", "", "context in the kubeconfig; default: the current context")
	fs.StringVar(&o.name, "name", "ippool-webhook", "name of the ValidatingWebhookConfiguration and of the MutatingWebhookConfiguration")
	fs.StringVar(&o.config, "config", "", "YAML file that contains the Policy; default: the ConfigMap ippool-webhook-policy that the webhook mounts")
	fs.StringVarP(&o.output, "output", "o", "text", "output format: text or json")
	fs.BoolVar(&o.preflight, "preflight", false, "checks of a cluster before the installation, instead of checks of an installation")
	fs.DurationVar(&o.timeout, "timeout", 10*time.Second, "maximum time for each request to the API server and for each connection to an endpoint, for example 30s")
	completeFlag(cmd, "output", "text", "json")
	completeFile(cmd, "config")
	return cmd
}

func (o *doctorOptions) run(cmd *cobra.Command) error {
	write, err := o.outputFormat()
	if err != nil {
		return err
	}
	if o.timeout <= 0 {
		return fmt.Errorf("--timeout %s is invalid: must be a positive duration, for example 10s", o.timeout)
	}
	config, err := o.clientConfig()
	if err != nil {
		return fmt.Errorf("cannot load the kubeconfig: %w; set --kubeconfig or --context", err)
	}
	ctrl.SetLogger(logr.Discard()) // the report contains all results
	run := doctor.Run
	if o.preflight {
		run = doctor.Preflight
	}
	report, err := run(cmd.Context(), config, doctor.Options{Name: o.name, Timeout: o.timeout, Policy: o.config})
	if err != nil {
		return err
	}
	if err := write(report, cmd.OutOrStdout()); err != nil {
		return err
	}
	if !report.Checked() {
		return errors.New("no check could run: grant the permissions in the report to the user of doctor, or run doctor as another user")
	}
	if failed := report.Summary.Fail; failed > 0 {
		cmd.SilenceErrors = true // the report contains the failures
		return exitError{fmt.Errorf("%d checks failed", failed), exitCheckFailed}
	}
	return nil
}

// outputFormat returns the function that writes the report in the format of --output.
func (o *doctorOptions) outputFormat() (func(*doctor.Report, io.Writer) error, error) {
	switch o.output {
	case "text":
		return (*doctor.Report).WriteText, nil
	case "json":
		return (*doctor.Report).WriteJSON, nil
	default:
		return nil, fmt.Errorf("--output %q is invalid: must be text or json", o.output)
	}
}

// clientConfig loads the kubeconfig in the same way as kubectl.
func (o *doctorOptions) clientConfig() (*rest.Config, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = o.kubeconfig
	return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{CurrentContext: o.context}).ClientConfig()
}
