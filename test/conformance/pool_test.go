package conformance

import (
	"encoding/json"
	"strings"
	"testing"
)

// Allocations, and specs of pool 10.0.0.0-24.
const (
	web0  = `{"id": "0f00", "podref": "default/web-0", "ifname": "net1"}`
	empty = `{"range": "10.0.0.0/24", "allocations": {}}`
	inUse = `{"range": "10.0.0.0/24", "allocations": {"1": ` + web0 + `}}`
	// nonCanonical is a spec that the webhook normalizes to inUse.
	nonCanonical = `{"range": " 10.0.0.0/24", "allocations": {"+1": ` + web0 + `}}`
	// first leads to a warning of the webhook, and beyond to a denial.
	first  = `{"range": "10.0.0.0/24", "allocations": {"0": ` + web0 + `}}`
	beyond = `{"range": "10.0.0.0/24", "allocations": {"300": ` + web0 + `}}`
)

// pool returns the text of 10.0.0.0-24.
func pool(spec string) string { return named("10.0.0.0-24", spec) }

// named returns the text of a pool with another name.
func named(name, spec string) string { return withMetadata(`{"name": "`+name+`"}`, spec) }

// withMetadata returns the text of a pool.
func withMetadata(metadata, spec string) string {
	return `{"apiVersion": "whereabouts.cni.cncf.io/v1alpha1", "kind": "IPPool", "metadata": ` + metadata + `, "spec": ` + spec + `}`
}

// withoutSpec returns the text of a 10.0.0.0-24 without a spec.
func withoutSpec() string { return strings.Replace(pool(""), `, "spec": `, "", 1) }

// latest returns the text of 10.0.0.0-24 as a client sends it that has read the stored pool.
func latest(spec string) string {
	return withMetadata(`{"name": "10.0.0.0-24", "resourceVersion": "{resourceVersion}"}`, spec)
}

// list returns the text of a list of pools.
func list(pools ...string) string { return page(`{"continue": ""}`, pools...) }

// page returns the text of a list of pools with other metadata.
func page(metadata string, pools ...string) string {
	return `{"apiVersion": "whereabouts.cni.cncf.io/v1alpha1", "kind": "IPPoolList", "metadata": ` + metadata + `, "items": [` +
		strings.Join(pools, ", ") + `]}`
}

// tidy returns an object without values that the API server generates, or with placeholders for them.
func tidy(object map[string]any) map[string]any {
	metadata, _ := object["metadata"].(map[string]any)
	for _, field := range []string{"uid", "resourceVersion", "generation", "creationTimestamp", "managedFields"} {
		delete(metadata, field)
	}
	if metadata["namespace"] == "{namespace}" {
		delete(metadata, "namespace")
	}
	if metadata["deletionTimestamp"] != nil {
		metadata["deletionTimestamp"] = "{time}"
	}
	if token, _ := metadata["continue"].(string); token != "" {
		metadata["continue"] = "{token}"
	}
	items, _ := object["items"].([]any)
	for _, item := range items {
		if pool, ok := item.(map[string]any); ok {
			tidy(pool)
		}
	}
	return object
}

func decode(t *testing.T, text string) map[string]any {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		t.Fatalf("%v; want a JSON object: %s", err, text)
	}
	return object
}
