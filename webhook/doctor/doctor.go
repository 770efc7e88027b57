// Package doctor checks an installation: whether the webhook that is configured in a cluster really protects its pools, and
// what to do if it does not. It reads, and makes one write as a dry run.
package doctor

import (
	"context"
	"time"

	"k8s.io/client-go/rest"
)

// Options of Run and Preflight.
type Options struct {
	// Name is that of both webhook configurations.
	Name string
	// Timeout bounds each request to the API server and each connection to an endpoint. It must be positive.
	Timeout time.Duration
	// Policy is the file with the Policy. Empty means the ConfigMap that the webhook mounts.
	Policy string
}

// check is a line of the report. Its function evaluates what was read, and reads nothing itself.
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

// Run checks the cluster of config. It returns an error if the API server cannot be reached or does not accept the user's
// credentials, or if ctx ended. Objects that are forbidden or missing are lines of the report.
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
