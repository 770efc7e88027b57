package conformance

import (
	"net/http"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestDelete deletes a pool.
func TestDelete(t *testing.T) {
	before := []string{pool(empty)}
	annotated := func(value string) string {
		return withMetadata(`{"name": "10.0.0.0-24", "annotations": {"ippool-webhook/allow-delete": "`+value+`"}}`, inUse)
	}
	leaving := func(finalizer string) string {
		return withMetadata(`{"name": "10.0.0.0-24", "finalizers": ["`+finalizer+`"], "deletionTimestamp": "{time}", "deletionGracePeriodSeconds": 0}`, empty)
	}
	mismatch := func(message string) answer {
		return rejected(http.StatusConflict, metav1.StatusReasonConflict, &metav1.StatusDetails{Name: poolName, Group: group, Kind: kind},
			`Operation cannot be fulfilled on IPPool.whereabouts.cni.cncf.io "10.0.0.0-24": `+message)
	}
	run(t, []row{
		{name: "empty pool", before: before, request: remove(onePool), want: deleted(), after: none()},
		{name: "pool in use", before: []string{pool(inUse)}, request: remove(onePool), want: denied(stillInUse(annotate(poolName)))},
		{name: "pool in use, annotated", before: []string{annotated("true")}, request: remove(onePool), want: deleted(), after: none()},
		{name: "pool in use, annotated otherwise", before: []string{annotated("false")}, request: remove(onePool),
			want: denied(stillInUse(`the annotation ippool-webhook/allow-delete is "false" and must be "true" to delete the pool anyway`))},
		{name: "pool in use, by Whereabouts", before: []string{pool(inUse)}, request: remove(onePool).as(whereabouts),
			want: deleted(asWarning(stillInUse(annotate(poolName)))), after: none()},
		{name: "pool with a finalizer", before: []string{withMetadata(`{"name": "10.0.0.0-24", "finalizers": ["example.com/hold"]}`, empty)},
			request: remove(onePool), want: ok(leaving("example.com/hold")), after: []string{leaving("example.com/hold")}},
		{name: "in the foreground", before: before, request: remove(onePool, "propagationPolicy=Foreground"),
			want: ok(leaving("foregroundDeletion")), after: []string{leaving("foregroundDeletion")}},
		{name: "name that is not there", request: remove(onePool), want: notFound()},

		{name: "with its uid", before: before, request: removeWith(`"preconditions": {"uid": "{uid}"}`), want: deleted(), after: none()},
		{name: "with another uid", before: before, request: removeWith(`"preconditions": {"uid": "other"}`),
			want: mismatch("the UID in the precondition (other) does not match the UID in record ({uid}). The object might have been deleted and then recreated")},
		{name: "with its resourceVersion", before: before, request: removeWith(`"preconditions": {"resourceVersion": "{resourceVersion}"}`), want: deleted(), after: none()},
		{name: "with an older resourceVersion", before: before, request: removeWith(`"preconditions": {"resourceVersion": "1"}`),
			want: mismatch("the ResourceVersion in the precondition (1) does not match the ResourceVersion in record ({resourceVersion}). The object might have been modified")},
		{name: "unsupported propagation", before: before, request: remove(onePool, "propagationPolicy=Sideways"),
			want: invalidOptions("DeleteOptions", unsupportedValue("propagationPolicy", `"Sideways": supported values: "Foreground", "Background", "Orphan", "nil"`))},
		{name: "options of a wrong type", before: before, request: removeWith(`"dryRun": "All"`),
			want: badRequest("json: cannot unmarshal string into Go struct field DeleteOptions.dryRun of type []string")},
		{name: "content type of another kind", before: before, request: remove(onePool).with("text/plain", `{}`),
			want: unsupportedMediaType(mediaTypes)},
	})
}

// TestDeleteCollection deletes the pools of a namespace. The API server deletes them one after the other, by name, and stops at
// the first one that is rejected.
func TestDeleteCollection(t *testing.T) {
	third := named("10.0.2.0-24", `{"range": "10.0.2.0/24", "allocations": {}}`)
	free, held := otherPool(`{}`), otherPool(`{"1": `+web0+`}`)
	annotated := strings.Replace(held, `"metadata": {`, `"metadata": {"annotations": {"ippool-webhook/allow-delete": "true"}, `, 1)
	inUseThere := byWebhook(invalidObject(metav1.StatusDetails{Name: "10.0.1.0-24", Group: group, Kind: kind}, stillInUse(annotate("10.0.1.0-24"))))
	run(t, []row{
		{name: "empty pools", before: []string{pool(empty), free}, request: remove(pools), want: ok(list(pool(empty), free)), after: none()},
		{name: "no pools", request: remove(pools), want: ok(list())},
		{name: "pool in use among them", before: []string{pool(empty), held, third}, request: remove(pools), want: inUseThere, after: []string{held, third}},
		{name: "pool in use among them, annotated", before: []string{pool(empty), annotated, third}, request: remove(pools),
			want: ok(list(pool(empty), annotated, third)), after: none()},
		{name: "pool in use among them, by Whereabouts", before: []string{pool(empty), held, third}, request: remove(pools).as(whereabouts),
			want: ok(list(pool(empty), held, third), asWarning(stillInUse(annotate("10.0.1.0-24")))), after: none()},
		{name: "by name", before: []string{pool(empty), held, third}, request: remove(pools, "fieldSelector=metadata.name%3D10.0.2.0-24"),
			want: ok(list(third)), after: []string{pool(empty), held}},
		{name: "by label", before: []string{pool(empty), held, third}, request: remove(pools, "labelSelector=team%3Dnetwork"), want: ok(list())},
		{name: "bad label selector", before: []string{pool(empty)}, request: remove(pools, "labelSelector=a%3D%3D%3Db"), want: badSelector()},
	})
}
