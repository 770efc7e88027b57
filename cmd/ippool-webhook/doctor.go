package main

import (
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

// The exit codes of doctor.
const (
	checkFailed = 1
	notExamined = 2
)

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
		Short: "Tell whether the installed webhook protects the pools",
		Long: "Examine an installation, from the definition of IPPools to who may write them, and say in a line for each check whether it\n" +
			"is as it should be (pass, warn or fail), what was found, and what to do about it. doctor only reads, and writes one pool\n" +
			"as a dry run. What it is forbidden to read it says, with the RBAC rule that is missing.\n\n" +
			"With --preflight, doctor examines a cluster before the installation: versions, the definition of IPPools, cert-manager, which\n" +
			"service accounts run Whereabouts, and whether the match conditions recognize them.\n\n" +
			"The check known-fields lists the fields that the definition of IPPools has, and that neither the webhook's schema nor\n" +
			"knownFields of the Policy has, with the line to set in the Policy. kubectl is denied when it writes such a field. doctor\n" +
			"reads the Policy from the ConfigMap that the webhook mounts, or from the file that --config names.\n\n" +
			"Exit codes: 0 where no check failed, warnings included; 1 where a check failed; 2 where doctor could not do its work, for\n" +
			"want of a kubeconfig, of an API server that answers, or of a flag that it understands.",
		Example: "  ippool-webhook doctor\n" +
			"  ippool-webhook doctor --preflight\n" +
			"  ippool-webhook doctor --context production -o json\n" +
			"  ippool-webhook doctor --config policy.yaml",
		Args: func(cmd *cobra.Command, args []string) error { return unexamined(cobra.NoArgs(cmd, args)) },
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return unexamined(err) })
	fs := cmd.Flags()
	fs.StringVar(&o.kubeconfig, "kubeconfig", "", "file that says how to reach the cluster; empty means $KUBECONFIG, ~/.kube/config or, in a pod, its own cluster")
	fs.StringVar(&o.context, "context", "", "context of the kubeconfig; empty means its current one")
	fs.StringVar(&o.name, "name", "ippool-webhook", "name of the ValidatingWebhookConfiguration and of the MutatingWebhookConfiguration")
	fs.StringVar(&o.config, "config", "", "file with the Policy; empty means the ConfigMap ippool-webhook-policy that the webhook mounts")
	fs.StringVarP(&o.output, "output", "o", "text", "form of the report: text or json")
	fs.BoolVar(&o.preflight, "preflight", false, "examine the cluster before the installation: versions, the CRD, cert-manager and the identities of Whereabouts")
	fs.DurationVar(&o.timeout, "timeout", 10*time.Second, "bound for each request to the API server and each connection to an endpoint")
	return cmd
}

func (o *doctorOptions) run(cmd *cobra.Command) error {
	write, err := o.writer()
	if err != nil {
		return unexamined(err)
	}
	if o.timeout <= 0 {
		return unexamined(fmt.Errorf("--timeout %s is not supported, want a positive duration such as 10s", o.timeout))
	}
	config, err := o.clientConfig()
	if err != nil {
		return unexamined(fmt.Errorf("no usable kubeconfig: %w; see --kubeconfig", err))
	}
	ctrl.SetLogger(logr.Discard()) // the report says what matters
	examine := doctor.Run
	if o.preflight {
		examine = doctor.Preflight
	}
	report, err := examine(cmd.Context(), config, doctor.Options{Name: o.name, Timeout: o.timeout, Policy: o.config})
	if err != nil {
		return unexamined(err)
	}
	if err := write(report, cmd.OutOrStdout()); err != nil {
		return unexamined(err)
	}
	if failed := report.Summary.Fail; failed > 0 {
		cmd.SilenceErrors = true // the report has said it
		return exitError{fmt.Errorf("%d checks failed", failed), checkFailed}
	}
	return nil
}

func (o *doctorOptions) writer() (func(*doctor.Report, io.Writer) error, error) {
	switch o.output {
	case "text":
		return (*doctor.Report).WriteText, nil
	case "json":
		return (*doctor.Report).WriteJSON, nil
	default:
		return nil, fmt.Errorf("--output %q is not supported, want text or json", o.output)
	}
}

// clientConfig finds the cluster as kubectl does.
func (o *doctorOptions) clientConfig() (*rest.Config, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = o.kubeconfig
	return clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{CurrentContext: o.context}).ClientConfig()
}

// unexamined gives an error the code that tells it from a failed check.
func unexamined(err error) error {
	if err == nil {
		return nil
	}
	return exitError{err, notExamined}
}
