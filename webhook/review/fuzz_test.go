package review_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	kjson "sigs.k8s.io/json"

	"ippool-webhook/webhook/admissiontest"
	"ippool-webhook/webhook/ippool"
	"ippool-webhook/webhook/review"
)

// reference is a review that sigs.k8s.io/json, the decoder of the API server, has decoded.
type reference struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Request    struct {
		UID  string `json:"uid"`
		Kind struct {
			Group   string `json:"group"`
			Version string `json:"version"`
			Kind    string `json:"kind"`
		} `json:"kind"`
		Name      string `json:"name"`
		Namespace string `json:"namespace"`
		Operation string `json:"operation"`
		UserInfo  struct {
			Username string `json:"username"`
		} `json:"userInfo"`
		Options struct {
			FieldValidation string `json:"fieldValidation"`
		} `json:"options"`
		Object    any `json:"object"`
		OldObject any `json:"oldObject"`
	} `json:"request"`
}

// referencePool has types only for the fields whose types our decoder checks.
type referencePool struct {
	APIVersion any            `json:"apiVersion"`
	Kind       any            `json:"kind"`
	Metadata   any            `json:"metadata"`
	Status     any            `json:"status"`
	Spec       *referenceSpec `json:"spec"`
}

type referenceSpec struct {
	Range       string                         `json:"range"`
	EnableL3    bool                           `json:"enable_l3"`
	Allocations map[string]referenceAllocation `json:"allocations"`
}

type referenceAllocation struct {
	ID       string `json:"id"`
	PodRef   string `json:"podref"`
	IfName   string `json:"ifname"`
	ClaimRef string `json:"ipamclaimref"`
}

// FuzzDecode compares the decoder with strict decoding by sigs.k8s.io/json. Like the API server for a custom resource, the reference
// first decodes into untyped values, where the last value of a field replaces earlier values completely, and then into types.
func FuzzDecode(f *testing.F) {
	for _, seed := range decodeSeeds() {
		f.Add([]byte(seed))
	}
	var q review.Request // reused: one input must not change the result of the next
	f.Fuzz(func(t *testing.T, body []byte) {
		err := q.Decode(t.Context(), body, nil)
		var untyped any
		duplicates, syntax := kjson.UnmarshalStrict(body, &untyped, kjson.DisallowDuplicateFields)
		if isSyntax, _ := kjson.SyntaxErrorOffset(syntax); isSyntax {
			if err == nil {
				t.Fatalf("Decode accepted invalid JSON: %v", syntax)
			}
			return
		}
		if syntax != nil || deep(body) || repeatsEnvelope(duplicates) {
			return // a number outside float64, or deep nesting or duplicate fields of the review, which no API server sends
		}
		var want reference
		if err := decodeTyped(untyped, &want, nil); err != nil || want.APIVersion != review.APIVersion || want.Kind != review.Kind || want.Request.UID == "" {
			want.Request.UID = ""
		}
		if (err == nil) != (want.Request.UID != "") {
			t.Fatalf("err = %v, the reference is %+v", err, want)
		}
		if err != nil {
			return
		}
		if diff := cmp.Diff(headOf(want), q.Head); diff != "" {
			t.Errorf("head (-reference +ours):\n%s", diff)
		}
		comparePool(t, want.Request.Object, paths(duplicates, "request.object."), &q.Object)
		comparePool(t, want.Request.OldObject, paths(duplicates, "request.oldObject."), &q.OldObject)
	})
}

func comparePool(t *testing.T, object any, duplicates []string, got *ippool.Pool) {
	t.Helper()
	if got.Present != (object != nil) {
		t.Fatalf("Present = %v, the reference is %v", got.Present, object)
	}
	var want referencePool
	var unknown []string
	err := decodeTyped(object, &want, &unknown)
	if (err != nil) != hasWrongTypes(got) {
		t.Fatalf("WrongTypes = %v, the error of the reference is %v", got.WrongTypes, err)
	}
	if diff := cmp.Diff(duplicates, got.Duplicates, cmpopts.EquateEmpty()); diff != "" && len(got.Duplicates) < 50 {
		t.Errorf("duplicate fields (-reference +ours):\n%s", diff)
	}
	if err != nil {
		return
	}
	compareMetadata(t, want.Metadata, got)
	want.Metadata, want.Status = nil, nil
	want.APIVersion, want.Kind = textOrEmpty(want.APIVersion), textOrEmpty(want.Kind)
	if diff := cmp.Diff(want, poolOf(got)); diff != "" {
		t.Errorf("pool (-reference +ours):\n%s", diff)
	}
	if diff := cmp.Diff(unknown, unknownPaths(got)); diff != "" && len(unknown) < 90 {
		t.Errorf("unknown fields (-reference +ours):\n%s", diff)
	}
}

func compareMetadata(t *testing.T, metadata any, got *ippool.Pool) {
	t.Helper()
	fields, _ := metadata.(map[string]any)
	annotations, _ := fields["annotations"].(map[string]any)
	want := ippool.Pool{
		Name: textOrEmpty(fields["name"]), Namespace: textOrEmpty(fields["namespace"]), Deleting: fields["deletionTimestamp"] != nil,
		AllowDelete: textOrEmpty(annotations[ippool.AllowDeleteAnnotation]),
	}
	if got.Name != want.Name || got.Namespace != want.Namespace || got.Deleting != want.Deleting || got.AllowDelete != want.AllowDelete {
		t.Errorf("name %q, namespace %q, deleting %v, allow-delete %q, the reference is %v", got.Name, got.Namespace, got.Deleting, got.AllowDelete, metadata)
	}
}

func textOrEmpty(value any) string {
	text, _ := value.(string)
	return text
}

func hasWrongTypes(p *ippool.Pool) bool {
	return p.WrongRoot != "" || len(p.WrongTypes) > 0 ||
		slices.ContainsFunc(p.Allocations, func(a ippool.Allocation) bool { return a.WrongTypes != 0 })
}

// decodeTyped decodes an untyped value into a struct and lists the fields that the struct does not have.
func decodeTyped(untyped, into any, unknown *[]string) error {
	text, err := json.Marshal(untyped)
	if err != nil {
		return err
	}
	strict, err := kjson.UnmarshalStrict(text, into, kjson.DisallowUnknownFields)
	if unknown != nil {
		for _, path := range paths(strict, "") {
			if !strings.HasPrefix(path, "metadata.") {
				*unknown = append(*unknown, path)
			}
		}
		slices.Sort(*unknown)
	}
	return err
}

// paths returns the field paths in strict errors that begin with prefix, without the prefix and without those in metadata.
func paths(strict []error, prefix string) []string {
	var found []string
	for _, err := range strict {
		var fieldError kjson.FieldError
		if !errors.As(err, &fieldError) {
			continue
		}
		path, below := strings.CutPrefix(fieldError.FieldPath(), prefix)
		if below && !strings.HasPrefix(path, "metadata.") {
			found = append(found, path)
		}
	}
	return found
}

func unknownPaths(p *ippool.Pool) []string {
	var found []string
	for _, field := range p.Unknown {
		found = append(found, p.Path(field))
	}
	slices.Sort(found)
	return found
}

func headOf(r reference) review.Head {
	q := r.Request
	return review.Head{
		UID: q.UID, Group: q.Kind.Group, Version: q.Kind.Version, Kind: q.Kind.Kind, Namespace: q.Namespace, Name: q.Name,
		Operation: q.Operation, Username: q.UserInfo.Username, FieldValidation: q.Options.FieldValidation,
	}
}

func poolOf(p *ippool.Pool) referencePool {
	got := referencePool{APIVersion: p.APIVersion, Kind: p.Kind}
	if !p.HasSpec {
		return got
	}
	got.Spec = &referenceSpec{Range: p.RangeText, EnableL3: p.EnableL3}
	if p.HasAllocations {
		got.Spec.Allocations = map[string]referenceAllocation{}
	}
	for _, a := range p.Allocations {
		got.Spec.Allocations[a.Key] = referenceAllocation{ID: a.ID, PodRef: a.PodRef, IfName: a.IfName, ClaimRef: a.ClaimRef}
	}
	return got
}

// deep reports whether a body could reach a nesting limit. The reference counts nesting from the body. Our decoder does too, except
// for values that jsontext reads.
func deep(body []byte) bool {
	return bytes.Count(body, []byte("["))+bytes.Count(body, []byte("{")) > 5000
}

// repeatsEnvelope reports whether a field outside the objects occurs twice. Only our decoder checks the earlier values of such a field.
func repeatsEnvelope(duplicates []error) bool {
	return slices.ContainsFunc(paths(duplicates, ""), func(path string) bool {
		return !strings.HasPrefix(path, "request.object.") && !strings.HasPrefix(path, "request.oldObject.")
	})
}

func decodeSeeds() []string {
	object := func(text string) string {
		return `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","operation":"CREATE","object":` + text + `}}`
	}
	update := func(allocations, oldAllocations string) string {
		return object(`{"spec":{"allocations":{` + allocations + `}}},"oldObject":{"spec":{"allocations":{` + oldAllocations + `}}}`)
	}
	create := func(text string) string {
		return object(`{"apiVersion":"whereabouts.cni.cncf.io/v1alpha1","kind":"IPPool","metadata":{"name":"n"},"spec":{"range":"10.0.0.0/24","allocations":{` + text + `}}}`)
	}
	old := admissiontest.NewPool(3)
	return []string{
		string(admissiontest.Body(admissiontest.NewReview("UPDATE", admissiontest.NewPool(2), old))),
		object("null"), object("{}"), object("5"), object(`[{"a":1,"a":2}]`),
		object(`{"spec":null,"metadata":null}`), object(`{"spec":{"range":5},"spec":{"range":"x"}}`),
		object(`{"spec":{"bogus":1,"bogus":2,"range":"a","range":"b"},"bogus":{"a":[{"b":1,"b":2}],"a":3}}`),
		object(`{"metadata":{"name":"a","name":"b","deletionTimestamp":"x","annotations":{"ippool-webhook/allow-delete":"true"},"x":1,"x":2}}`),
		object(`{"spec":{"allocations":{"1":{"a":1}},"allocations":{"2":{"b":1}}},"status":{}}`),
		object(`{"spec":{"enable_l3":true,"enable_l3":"x","allocations":{"1":{"ipamclaimref":"a/b"},"2":{"ipamclaimref":5}}},"status":{"a":1,"a":2}}`),
		create(`"1":{"id":"i","podref":"a/b","ifname":"net1"},"2":{}`),
		create(` "1" : { "id" : "i" , "podref" : "a/b" } , "10" : null`),
		create(`"1":{"id":"i","id":"j","podref":5,"podref":"a/b","x":1,"x":[]}`),
		create(`"1":{"id":5},"1":{"id":"i"},"0":{"bogus":{"a":1,"a":1}},"1":{"bogus":1}`),
		create(`"1":5`), create(`"1":[]`), create(`"1":{"id":null,"ifname":{"a":1,"a":2}}`),
		create(`"\u0031":{"\u0069d":"\ud83d\ude00\ud800"},"é":{"podref":"` + "\xff" + `"}`),
		create(`"":{"":""},"05":{},"5":{}`),
		create(`"1":{"id":"a"},`), create(`,`), create(`"1":{"id":"a",}`), create(`"1"`), create(`"1":{"id":"` + "\n" + `"}`),
		update(`"1":{"id":"a"},"2":{"id":"b"}`, `"1":{"id":"a"}`), update(`"1":{"id":"a"}`, `"0":{},"1":{"id":"a"},"2":{"id":"b"}`),
		update(`"1":{"id":"a"}`, `"1":{"id":"a"},"1":{"id":"b"}`), update(`"1":{"id":"a"},"1":{"id":"c"}`, `"1":{"id":"a"},"1":{"id":"b","id":"a"}`),
		update(`"1":{}`, `"1":{},`), update(`"1":{}`, `"1":{}"2":{}`), update(`"1":{"id":"a"}`, `"1":{"id":"a"}}`),
		`{"request":{"uid":1}}`, `{}`, `[]`, ``, ` `, `{"request":null}`, `nul`, `{"a":1e999}`, object("{}") + "x",
	}
}
