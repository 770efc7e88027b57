package conformance

import (
	"encoding/json"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// otherPool returns the text of 10.0.1.0-24.
func otherPool(allocations string) string {
	return named("10.0.1.0-24", `{"range": "10.0.1.0/24", "allocations": `+allocations+`}`)
}

// TestList lists the pools of a namespace.
func TestList(t *testing.T) {
	labelled := withMetadata(`{"name": "10.0.0.0-24", "labels": {"team": "network"}}`, empty)
	two := []string{labelled, otherPool(`{}`)}
	run(t, []row{
		{name: "pools", before: two, request: get(pools), want: ok(list(two...))},
		{name: "no pools", request: get(pools), want: ok(list())},
		{name: "by label", before: two, request: get(pools, "labelSelector=team%3Dnetwork"), want: ok(list(labelled))},
		{name: "by name", before: two, request: get(pools, "fieldSelector=metadata.name%3D10.0.1.0-24"), want: ok(list(otherPool(`{}`)))},
		{name: "in pages", before: two, request: get(pools, "limit=1"), want: ok(page(`{"continue": "{token}", "remainingItemCount": 1}`, labelled))},
		{name: "in one page", before: two, request: get(pools, "limit=2"), want: ok(list(two...))},

		{name: "bad label selector", request: get(pools, "labelSelector=a%3D%3D%3Db"), want: badSelector()},
		{name: "field that cannot be selected by", request: get(pools, "fieldSelector=spec.range%3D10.0.0.0/24"),
			want: badRequest("field label not supported: spec.range")},
		{name: "bad limit", request: get(pools, "limit=one"), want: badRequest(`strconv.ParseInt: parsing "one": invalid syntax`)},
		{name: "bad continue", request: get(pools, "continue=there"),
			want: badRequest("invalid continue token: continue key is not valid: illegal base64 data at input byte 4")},
		{name: "bad resourceVersion", request: get(pools, "resourceVersion=latest"),
			want: badRequest(`invalid resource version: resourceVersion: Invalid value: "latest": strconv.ParseUint: parsing "latest": invalid syntax`)},
		{name: "resourceVersion that cannot be matched", request: get(pools, "resourceVersion=0", "resourceVersionMatch=Exact"),
			want: invalidOptions("ListOptions", metav1.StatusCause{
				Type: metav1.CauseTypeForbidden, Field: "resourceVersionMatch",
				Message: `Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"`,
			})},
	})
	suite.rows.Run(t, "page by page", testPages)
	suite.rows.Run(t, "by any resourceVersion", func(t *testing.T) {
		s := newScene(t, two...)
		s.expectUntouched(t) // the list can be an older one, until the API server has returned the latest one
		s.expect(t, get(pools, "resourceVersion=0"), ok(list(two...)))
	})
}

// testPages reads two pages. The request for the second page has the token of the first one.
func testPages(t *testing.T) {
	s := newScene(t, pool(empty), otherPool(`{}`))
	_, _, body := s.do(t, get(pools, "limit=1"))
	var first metav1.PartialObjectMetadataList
	if err := json.Unmarshal(body, &first); err != nil {
		t.Fatal(err)
	}
	s.expect(t, get(pools, "limit=1", "continue="+first.Continue), ok(list(otherPool(`{}`))))
}

// TestListOfAllNamespaces lists the pools of all namespaces. Each scene finds its own pools in the answer.
func TestListOfAllNamespaces(t *testing.T) {
	run(t, []row{
		{name: "pools", before: []string{pool(empty), otherPool(`{}`)}, request: get(allPools), want: ok(list(pool(empty), otherPool(`{}`)))},
		{name: "by namespace", before: []string{pool(empty)}, request: get(allPools, "fieldSelector=metadata.namespace%3D{namespace}"),
			want: ok(list(pool(empty)))},
		{name: "bad label selector", request: get(allPools, "labelSelector=a%3D%3D%3Db"), want: badSelector()},
	})
	suite.rows.Run(t, "pools of two namespaces", func(t *testing.T) {
		one, two := newScene(t, pool(empty)), newScene(t, otherPool(`{}`))
		one.expect(t, get(allPools), ok(list(pool(empty))))
		two.expect(t, get(allPools), ok(list(otherPool(`{}`))))
	})
}
