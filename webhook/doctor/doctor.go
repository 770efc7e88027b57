// Package doctor checks that the installed webhook protects the pools of a cluster, and returns a remedy for each problem. It only
// reads, except for one pool that it creates as a dry run.
package doctor

import (
	"context"
	"time"

	"k8s.io/client-go/rest"
)

// Options are the options of Run and Preflight.
type Options struct {
	// Name is the name of both webhook configurations.
	Name string
	// Timeout is the maximum time for each request to the API server and for each connection to an endpoint. It must be positive.
	Timeout time.Duration
	// Policy is the file that contains the Policy. If it is empty, doctor reads the ConfigMap that the webhook mounts.
	Policy string
}

// check is a line of the report. Its function sends no requests: cluster contains everything that doctor has read.
type check struct {
	name string
	run  func(*cluster) verdict
}

// checks returns all checks in the order of the report. A check comes after the checks on which it depends.
func checks() []check {
	return []check{
		{"crd", checkCRD},
		{"validating-webhook", checkValidating},
		{"mutating-webhook", checkMutating},
		{"ca-bundle", checkCABundle},
		{"serving-certificate", checkServingCertificate},
		{"certificate", checkCertificate},
		{"secret", checkSecret},
		{"pools", checkPools},
		{"admission", checkAdmission},
		{"other-webhooks", checkOthers},
		{"identities", checkIdentities},
		{"known-fields", checkKnownFields},
	}
}

// Run checks the installation in a cluster. It returns an error if the API server cannot be reached or does not authenticate the user,
// or if ctx ends. The report contains objects that are missing or that the user has no permission to read.
func Run(ctx context.Context, config *rest.Config, o Options) (*Report, error) {
	c, err := readCluster(ctx, config, o)
	if err != nil {
		return nil, err
	}
	var results []Result
	for _, check := range checks() {
		results = append(results, check.run(c).result(check.name))
	}
	return newReport(results), nil
}
