// Package manifests holds the manifests that ippool-webhook ships, for what compares a cluster with them.
package manifests

import "embed"

// Files has the folder base, with the webhook configurations, and the folder components.
//
//go:embed base/*.yaml components/*/kustomization.yaml
var Files embed.FS
