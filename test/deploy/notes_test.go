package deploy

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// TestNotes checks that the notes describe the release: the modes, the certificates, and commands for these values.
func TestNotes(t *testing.T) {
	const (
		denied  = `The webhook must deny this request, with a message that ends in "(rule range-syntax)".`
		warned  = `In observe mode, the webhook must allow this request, with a warning that ends in "(rule range-syntax)".`
		request = "kubectl create --dry-run=server -f -"
	)
	for _, row := range []struct {
		name, values   string
		want, unwanted []string
	}{
		{
			"defaults", "",
			[]string{
				"enforce mode. Invalid IPPools are denied, and IPPools are normalized.", "users cannot write IPPools", "skipped. They are not sent to the webhook.",
				"Certificates:             cert-manager\n", "kubectl -n ippool-webhook get certificate ippool-webhook-serving", denied, request,
				"kubectl -n ippool-webhook rollout status deployment/ippool-webhook", "kubectl delete validatingwebhookconfiguration,mutatingwebhookconfiguration ippool-webhook",
			},
			[]string{"observe mode", "Not validated", "hostNetwork", "get secret", "privileged"},
		},
		{
			"users in observe mode", "webhooks: {users: {mode: Observe}}",
			[]string{
				"observe mode. No request is denied, and IPPools are not normalized.", warned, request, `grep '"warned"'`,
				"kubectl delete validatingwebhookconfiguration ippool-webhook",
			},
			[]string{"must deny", "cannot write", "enforce mode. Invalid", "mutatingwebhookconfiguration"},
		},
		{
			"outages allowed, not normalized", "webhooks: {users: {failurePolicy: Ignore}, mutating: {enabled: false}}",
			[]string{"enforce mode. Invalid IPPools are denied.\n", "users write IPPools without validation", "kubectl delete validatingwebhookconfiguration ippool-webhook"},
			[]string{"normalized", "cannot write", "mutatingwebhookconfiguration"},
		},
		{
			"Whereabouts in observe mode", "webhooks: {whereabouts: {mode: Observe}}",
			[]string{"Requests of Whereabouts:  observe mode. No request is denied. Each pod start waits", denied},
			[]string{"skipped", "Requests of users:        observe"},
		},
		{
			"Whereabouts in enforce mode", "webhooks: {whereabouts: {mode: Enforce}}",
			[]string{"Requests of Whereabouts:  enforce mode. Invalid IPPools are denied. Each pod start waits"},
			[]string{"skipped"},
		},
		{
			"self-managed", "certificates: {source: self-managed}",
			[]string{"self-managed: the replicas create and renew them", "kubectl -n ippool-webhook logs -l app.kubernetes.io/name=ippool-webhook"},
			[]string{"cert-manager", "get certificate", "get secret"},
		},
		{
			"files", "certificates: {source: files, secretName: mine, caBundle: CA}",
			[]string{"your own, in the Secret mine", "kubectl -n ippool-webhook get secret mine"},
			[]string{"cert-manager", "get certificate"},
		},
		{
			"openshift", "preset: openshift",
			[]string{"service-ca of OpenShift", "kubectl -n ippool-webhook get secret ippool-webhook-serving"},
			[]string{"cert-manager", "get certificate"},
		},
		{
			"excluded namespaces", "webhooks: {excludedNamespaces: [lab, dev]}",
			[]string{"IPPools in the namespaces lab, dev", denied + " Use a namespace whose IPPools are validated."},
			[]string{"objectSelector"},
		},
		{
			"selectors", "webhooks: {objectSelector: {matchLabels: {pools: guarded}}}",
			[]string{"IPPools that namespaceSelector and objectSelector do not select", "Use a namespace and labels whose IPPools are validated."},
			[]string{"in the namespaces"},
		},
		{
			"host network", "hostNetwork: true",
			[]string{"kubectl label namespace ippool-webhook pod-security.kubernetes.io/enforce=privileged --overwrite"}, nil,
		},
		{"rule is off", "policy: {rules: {range-syntax: {action: Off}}}", []string{"enforce mode. Invalid IPPools are denied"}, []string{"range-syntax", request}},
	} {
		suite.rows.Run(t, row.name, func(t *testing.T) {
			got := notes(t, row.values)
			for _, text := range row.want {
				if !strings.Contains(got, text) {
					t.Errorf("the notes do not contain %q:\n%s", text, got)
				}
			}
			for _, text := range row.unwanted {
				if strings.Contains(got, text) {
					t.Errorf("the notes contain %q:\n%s", text, got)
				}
			}
		})
	}
}

// notes returns the text that helm prints after the installation.
func notes(t *testing.T, text string) string {
	t.Helper()
	args := []string{"install", name, chart(), "--namespace", name, "--dry-run=client", "--output", "json"}
	out, err := helm(t.Context(), slices.Concat(args, valueFlags(t, text))...)
	if err != nil {
		t.Fatal(err)
	}
	var release struct {
		Info struct {
			Notes string `json:"notes"`
		} `json:"info"`
	}
	if err := json.Unmarshal(out, &release); err != nil {
		t.Fatal(err)
	}
	return release.Info.Notes
}
