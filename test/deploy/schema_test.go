package deploy

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"ippool-webhook/webhook/rules"
)

// TestRejectedValues checks that helm rejects invalid values, and checks the error.
func TestRejectedValues(t *testing.T) {
	username := func(name string) string {
		return fmt.Sprintf("webhooks.whereabouts.extraUsernames[0]: Invalid value: %q: must be one complete user name, without wildcards, white space, commas and quotes, "+
			"such as system:serviceaccount:cni:whereabouts", name)
	}
	for _, row := range []struct{ name, values, want string }{
		{"unknown key", "replicaCount: 3", "at '': additional properties 'replicaCount' not allowed"},
		{"unknown nested key", "image: {name: web}", "at '/image': additional properties 'name' not allowed"},
		{"no value", "webhooks: null", "at '': missing property 'webhooks'"},
		{"no nested value", "webhooks: {users: {failurePolicy: null}}", "at '/webhooks/users': missing property 'failurePolicy'"},
		{"no replicas", "replicas: 0", "at '/replicas': minimum: got 0, want 1"},
		{"replicas as text", `replicas: "2"`, "at '/replicas': got string, want integer"},
		{"digest without its algorithm", "image: {digest: 0a1b}", "at '/image/digest': '0a1b' does not match pattern"},
		{"pull policy", "image: {pullPolicy: always}", "at '/image/pullPolicy': value must be one of '', 'Always', 'IfNotPresent', 'Never'"},
		{"source of certificates", "certificates: {source: vault}", "at '/certificates/source': value must be one of '', 'cert-manager', 'self-managed', 'service-ca', 'files'"},
		{"name of the Secret", "certificates: {secretName: My_Secret}", "at '/certificates/secretName': 'My_Secret' does not match pattern"},
		{"files without a CA", "certificates: {source: files}", "certificates.caBundle: Required value: if certificates.source is files, it must be the CA in PEM"},
		{"mode of users", "webhooks: {users: {mode: Skip}}", "at '/webhooks/users/mode': value must be one of 'Enforce', 'Observe'"},
		{"mode of Whereabouts", "webhooks: {whereabouts: {mode: None}}", "at '/webhooks/whereabouts/mode': value must be one of 'Skip', 'Observe', 'Enforce'"},
		{"user name twice", "webhooks: {whereabouts: {extraUsernames: [a, a]}}", "at '/webhooks/whereabouts/extraUsernames': items at 0 and 1 are equal"},
		{"user name with a quote", `webhooks: {whereabouts: {extraUsernames: ['a"b']}}`, username(`a"b`)},
		{"user name with a comma", `webhooks: {whereabouts: {extraUsernames: ['a,b']}}`, username("a,b")},
		{"user name with a wildcard", `webhooks: {whereabouts: {extraUsernames: ['system:serviceaccount:cni:*']}}`, username("system:serviceaccount:cni:*")},
		{"user name with a space", `webhooks: {whereabouts: {extraUsernames: ['cni whereabouts']}}`, username("cni whereabouts")},
		{"empty user name", `webhooks: {whereabouts: {extraUsernames: ['']}}`, username("")},
		{"value of an earlier version", "trustedWriters: {enforcement: Full}", "at '': additional properties 'trustedWriters' not allowed"},
		{"unknown rule", "policy: {rules: {offset-sorted: {action: Deny}}}", "at '/policy/rules': additional properties 'offset-sorted' not allowed"},
		{"rule of field validation", "policy: {rules: {unknown-field: {action: Deny}}}", "at '/policy/rules': additional properties 'unknown-field' not allowed"},
		{"action", "policy: {rules: {pool-size: {action: Block}}}", "at '/policy/rules/pool-size/action': value must be one of 'Deny', 'Warn', 'Audit', 'Off', false"},
		{"scope of a rule that has none", "policy: {rules: {pool-size: {scope: Pod}}}", "at '/policy/rules/pool-size': additional properties 'scope' not allowed"},
		{"scope", "policy: {rules: {podref-duplicate: {scope: Node}}}", "at '/policy/rules/podref-duplicate/scope': value must be one of 'Interface', 'Pod'"},
		{"field validation", "policy: {fieldValidation: Error}", "at '/policy/fieldValidation': value must be one of 'Ignore', 'Warn', 'Strict'"},
		{"known field in a known field", "policy: {knownFields: [spec.gateway, spec.gateway.address]}", "at '/policy/knownFields/1': 'spec.gateway.address' does not match pattern"},
		{"known field twice", "policy: {knownFields: [extra, extra]}", "at '/policy/knownFields': items at 0 and 1 are equal"},
		{"known field that is not a string", "policy: {knownFields: [5]}", "at '/policy/knownFields/0': got number, want string"},
		{"known fields that are not a list", "policy: {knownFields: spec.gateway}", "at '/policy/knownFields': got string, want array"},
		{"failure policy", "webhooks: {users: {failurePolicy: Open}}", "at '/webhooks/users/failurePolicy': value must be one of 'Fail', 'Ignore'"},
		{"failure policy of Whereabouts", "webhooks: {whereabouts: {failurePolicy: Fail}}", "at '/webhooks/whereabouts': additional properties 'failurePolicy' not allowed"},
		{"timeout longer than that of Whereabouts", "webhooks: {whereabouts: {timeoutSeconds: 10}}", "at '/webhooks/whereabouts/timeoutSeconds': maximum: got 10, want 9"},
		{"excluded namespace", "webhooks: {excludedNamespaces: [Dev]}", "at '/webhooks/excludedNamespaces/0': 'Dev' does not match pattern"},
		{"operator of a selector", "webhooks: {objectSelector: {matchExpressions: [{key: a, operator: Is}]}}", "at '/webhooks/objectSelector/matchExpressions/0/operator': value must be one of 'In', 'NotIn', 'Exists', 'DoesNotExist'"},
		{"equal ports", "ports: {webhook: 8080}", "ports: Invalid value: webhook 8080, metrics 8080, health 8081: must be three different ports"},
		{"preset", "preset: eks", "at '/preset': value must be one of '', 'openshift', 'rke2', 'harvester', 'aks', 'gke'"},
		{"memory limit with an unknown unit", "resources: {limits: {memory: 512MB}}", `resources.limits.memory: Invalid value: "512MB": must be a quantity of Kubernetes in bytes`},
		{"negative memory limit", "resources: {limits: {memory: -1Gi}}", `resources.limits.memory: Invalid value: "-1Gi": must be a quantity of Kubernetes in bytes`},
		{"no memory limit", `resources: {limits: {memory: ""}}`, `resources.limits.memory: Invalid value: "": must be a quantity of Kubernetes in bytes`},
		{"memory limit below the need of a replica", "resources: {limits: {memory: 359Mi}}", `resources.limits.memory: Invalid value: "359Mi": must be at least 360Mi`},
		{"memory limit in thousandths of a byte", "resources: {limits: {memory: 512m}}", `resources.limits.memory: Invalid value: "512m": must be at least 360Mi`},
		{"memory limit that GOMEMLIMIT cannot have", "resources: {limits: {memory: 1e30}}", `resources.limits.memory: Invalid value: "1e+30": must be at most 1Ti`},
		{"no image", `image: {repository: ""}`, "image.repository: Required value: there is no public image of ippool-webhook; build one and push it to your registry with `make image PUSH=1"},
		{"label of the chart on the pods", "podLabels: {app.kubernetes.io/name: web}", "podLabels[app.kubernetes.io/name]: Forbidden: the chart sets this key"},
		{"annotation of the chart on the pods", "podAnnotations: {checksum/policy: x}", "podAnnotations[checksum/policy]: Forbidden: the chart sets this key"},
		{"default container", "podAnnotations: {kubectl.kubernetes.io/default-container: x}", "podAnnotations[kubectl.kubernetes.io/default-container]: Forbidden: the chart sets this key"},
		{"label of the chart on the webhook configurations", "webhooks: {labels: {helm.sh/chart: x}}", "webhooks.labels[helm.sh/chart]: Forbidden: the chart sets this key"},
		{"annotation of the chart on the webhook configurations", "webhooks: {annotations: {cert-manager.io/inject-ca-from: a/b}}", "webhooks.annotations[cert-manager.io/inject-ca-from]: Forbidden: the chart sets this key"},
		{"label of the chart on the ServiceMonitor", "monitoring: {serviceMonitor: {enabled: true, additionalLabels: {app.kubernetes.io/instance: x}}}", "monitoring.serviceMonitor.additionalLabels[app.kubernetes.io/instance]: Forbidden: the chart sets this key"},
		{"label of the chart on the PrometheusRule", "monitoring: {prometheusRule: {enabled: true, additionalLabels: {app.kubernetes.io/instance: x}}}", "monitoring.prometheusRule.additionalLabels[app.kubernetes.io/instance]: Forbidden: the chart sets this key"},
		{"variable of the chart", "extraEnv: [{name: A, value: a}, {name: GOMEMLIMIT, value: 1GiB}]", `extraEnv[1].name: Duplicate value: "GOMEMLIMIT": the chart sets it`},
		{"volume of the chart", "extraVolumes: [{name: policy, emptyDir: {}}]", `extraVolumes[0].name: Duplicate value: "policy": the chart sets it`},
		{"path of a volume of the chart", "extraVolumeMounts: [{name: a, mountPath: /etc/ippool-webhook/certs}]", `extraVolumeMounts[0].mountPath: Duplicate value: "/etc/ippool-webhook/certs": the chart sets it`},
		{"label that is not a string", "podLabels: {version: 1}", "at '/podLabels/version': got number, want string"},
		{"relative URL of the runbook", "monitoring: {prometheusRule: {runbookURL: docs/runbook.md}}", "at '/monitoring/prometheusRule/runbookURL': 'docs/runbook.md' does not match pattern"},
		{"URL of a section of the runbook", "monitoring: {prometheusRule: {runbookURL: 'https://git.example/runbook.md#slow'}}", "does not match pattern"},
		{"condition that is not a boolean", `enabled: "yes"`, "at '/enabled': got string, want boolean"},
		{"port", "ports: {webhook: 0}", "at '/ports/webhook': minimum: got 0, want 1"},
	} {
		suite.rows.Run(t, row.name, func(t *testing.T) {
			out, err := helm(t.Context(), append([]string{"template", name, chart()}, valueFlags(t, row.values)...)...)
			if err == nil {
				t.Fatalf("helm accepts the values:\n%s", out)
			}
			if !strings.Contains(err.Error(), row.want) {
				t.Errorf("error of helm:\n%v\nwant %q in it", err, row.want)
			}
		})
	}
}

// node is a part of a JSON schema.
type node struct {
	Ref                  string          `json:"$ref"`
	Required             []string        `json:"required"`
	Properties           map[string]node `json:"properties"`
	AdditionalProperties any             `json:"additionalProperties"`
	Defs                 map[string]node `json:"$defs"`
}

func readSchema(t *testing.T) (root node) {
	t.Helper()
	text, err := os.ReadFile(suite.Manifest("chart", "values.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	return root
}

// TestSelfManagedPermissions checks that the permissions for self-managed certificates name each object.
func TestSelfManagedPermissions(t *testing.T) {
	suite.rows.Run(t, "self-managed permissions name their objects", func(t *testing.T) {
		var role rbacv1.Role
		var clusterRole rbacv1.ClusterRole
		rendered := render(t, "certificates: {source: self-managed}", "--namespace", "kube-system")
		rendered.get(t, "Role "+name, &role)
		rendered.get(t, "ClusterRole "+name, &clusterRole)
		rules := slices.Concat(role.Rules, clusterRole.Rules)
		if len(rules) != 2 {
			t.Errorf("there are %d rules, want 2", len(rules))
		}
		for _, rule := range rules {
			if len(rule.ResourceNames) != 1 {
				t.Errorf("%s of %s: resource names %q, want one", rule.Verbs, rule.Resources, rule.ResourceNames)
			}
		}
	})
}

func TestSchema(t *testing.T) {
	suite.rows.Run(t, "keys of values.yaml", func(t *testing.T) {
		text, err := os.ReadFile(suite.Manifest("chart", "values.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		var defaults map[string]any
		if err := yaml.UnmarshalStrict(text, &defaults); err != nil {
			t.Fatal(err)
		}
		root := readSchema(t)
		for _, key := range []string{"enabled", "global"} { // set by parent charts
			delete(root.Properties, key)
		}
		expectKeys(t, "", root, defaults)
	})
	suite.rows.Run(t, "rules of the server", func(t *testing.T) {
		var want []string
		for _, rule := range rules.All(rules.Options{}) {
			if !rule.ByFieldValidation {
				want = append(want, rule.ID)
			}
		}
		slices.Sort(want)
		got := slices.Sorted(maps.Keys(readSchema(t).Properties["policy"].Properties["rules"].Properties))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("rules (-server +schema):\n%s", diff)
		}
	})
}

// expectKeys expects that a part of the schema requires all keys that have defaults, and allows no other keys.
func expectKeys(t *testing.T, path string, n node, defaults map[string]any) {
	t.Helper()
	keys := slices.Sorted(maps.Keys(defaults))
	for what, got := range map[string][]string{"allows": slices.Sorted(maps.Keys(n.Properties)), "requires": slices.Sorted(slices.Values(n.Required))} {
		if diff := cmp.Diff(keys, got); diff != "" {
			t.Errorf("keys of %s/ (-values.yaml +keys that the schema %s):\n%s", path, what, diff)
		}
	}
	if n.AdditionalProperties != false {
		t.Errorf("the schema allows unknown keys of %s/, want none", path)
	}
	for key, value := range defaults {
		// If users choose the keys of a map, the map is empty, or its schema allows every key.
		if below, ok := value.(map[string]any); ok && len(below) > 0 && !n.Properties[key].ofAnyKey() {
			expectKeys(t, path+"/"+key, n.Properties[key], below)
		}
	}
}

// ofAnyKey reports whether an object can have any keys.
func (n node) ofAnyKey() bool {
	_, ok := n.AdditionalProperties.(map[string]any)
	return ok
}
