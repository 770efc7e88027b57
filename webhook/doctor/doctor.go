// Package doctor examines an installation: whether the webhook that is configured in a cluster really protects its pools,
// and what to do where it does not. It reads, and makes one write as a dry run.
package doctor

import (
	"context"
	"time"

	"k8s.io/client-go/rest"
)

// Options say what to examine, and how patiently.
type Options struct {
	// Name is that of both webhook configurations.
	Name string
	// Timeout bounds each request to the API server and each connection to an endpoint. It must be positive.
	Timeout time.Duration
	// Policy is the file with the Policy. Empty means the ConfigMap that the webhook mounts.
	Policy string
}

// check is a line of the report. Its function is given all that was read, and reads nothing itself.
type check struct {
	name string
	run  func(*cluster) verdict
}

// checks returns all checks in the order of the report: what others depend on comes first.
func checks() []check {
	return []check{
		{"crd", checkCRD},
		{"validating-webhook", checkValidating},
		{"mutating-webhook", checkMutating},
		{"ca-bundle", checkCABundle},
		{"serving-certificate", checkServingCertificate},
		{"certificate", checkCertificate},
		{"secret", checkSecret},
		{"admission", checkAdmission},
		{"identities", checkIdentities},
		{"known-fields", checkKnownFields},
	}
}

// Run examines the cluster that config leads to. It returns an error where it could not do its work: the API server cannot
// be reached, does not know who asks, or ctx ended. What is merely forbidden or missing is a line of the report.
func Run(ctx context.Context, config *rest.Config, o Options) (*Report, error) {
	c, err := examine(ctx, config, o)
	if err != nil {
		return nil, err
	}
	var results []Result
	for _, check := range checks() {
		results = append(results, check.run(c).result(check.name))
	}
	return newReport(results), nil
}
