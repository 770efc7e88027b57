// Package manifests holds the manifests that ippool-webhook ships, for what compares a cluster with them.
package manifests

import "embed"

// Base is the folder base, with the webhook configurations.
//
//go:embed base/*.yaml
var Base embed.FS
