package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"ippool-webhook/test/environment"
)

const (
	strictError = `IPPool in version "v1alpha1" cannot be handled as a IPPool: strict decoding error: `
	unknown     = `unknown field "spec.bogus"`
	duplicate   = `duplicate field "spec.range"`
)

// strayField is a pool with fields that are unknown or occur twice.
type strayField struct {
	rule, about string
	spec        string
	warnings    []string
	// rejection is the message of Status if the CRD drops unknown fields and the API server reports them; rejectionKept is the
	// message if the CRD preserves them.
	rejection, rejectionKept string
}

// strayFields returns pools with unknown and duplicate fields. The API server always drops and reports duplicate fields itself,
// before it calls a webhook.
func strayFields() []strayField {
	return []strayField{
		{
			rule: "unknown-field", about: "in spec",
			spec:      `{"range": "10.0.0.0/24", "allocations": {}, "bogus": 1}`,
			warnings:  []string{unknown},
			rejection: strictError + unknown, rejectionKept: byWebhook(strictError + unknown),
		},
		{
			rule: "unknown-field", about: "in an allocation",
			spec:          `{"range": "10.0.0.0/24", "allocations": {"1": {"id": "` + idPrefix + `", "podref": "default/web-0", "ifName": "net1"}}}`,
			warnings:      []string{`unknown field "spec.allocations.1.ifName"`},
			rejection:     strictError + `unknown field "spec.allocations.1.ifName"`,
			rejectionKept: byWebhook(strictError + `unknown field "spec.allocations.1.ifName"`),
		},
		{
			rule: "duplicate-field", about: "in spec",
			spec:      `{"range": "10.0.0.0/24", "allocations": {}, "range": "10.0.0.0/24"}`,
			warnings:  []string{duplicate},
			rejection: strictError + duplicate, rejectionKept: strictError + duplicate,
		},
		{
			rule: "duplicate-field", about: "with an unknown one",
			spec:      `{"range": "10.0.0.0/24", "bogus": 1, "allocations": {}, "range": "10.0.0.0/24"}`,
			warnings:  []string{duplicate, unknown},
			rejection: strictError + duplicate + ", " + unknown, rejectionKept: strictError + duplicate,
		},
	}
}

// byWebhook returns the message of a webhook as the API server returns it to the client.
func byWebhook(message string) string {
	return fmt.Sprintf("admission webhook %q denied the request: %s", usersWebhook, message)
}

// TestFieldValidation uses each level of field validation, with a CRD that drops unknown fields and with one that preserves
// them, so that the webhook reports them. The user gets the same message once.
func TestFieldValidation(t *testing.T) {
	t.Run("dropped", func(t *testing.T) {
		for _, f := range strayFields() {
			f.test(t, f.rejection)
		}
	})
	t.Run("kept", func(t *testing.T) {
		keepUnknownFields(t)
		for _, f := range strayFields() {
			f.test(t, f.rejectionKept)
		}
	})
}

func (f strayField) test(t *testing.T, rejection string) {
	for _, level := range []string{"", "Ignore", "Warn", "Strict"} {
		t.Run(fmt.Sprintf("%s/%s/fieldValidation=%s", f.rule, f.about, level), func(t *testing.T) {
			s := newScene(t)
			want := allowed(f.warnings...)
			switch level {
			case "Ignore":
				want = allowed()
			case "Strict":
				want = badRequest(rejection)
			}
			expect(t, s.jane.postSpec(t, f.spec, level), want)
			if stored := s.jane.read(t, "10.0.0.0-24") != nil; stored != (want.Status == nil) {
				t.Errorf("stored: %t", stored)
			}
		})
	}
}

// TestFieldValidationOfEveryVerb checks that the webhook gets the level of each kind of request.
func TestFieldValidationOfEveryVerb(t *testing.T) {
	keepUnknownFields(t)
	pool := newPool("10.0.0.0/24", at("1", "default/web-0"))
	bogus := withBogus(pool)
	const strict = metav1.FieldValidationStrict
	patch := metav1.PatchOptions{FieldValidation: strict}
	for name, write := range map[string]func(context.Context, *client) error{
		"PUT": func(ctx context.Context, c *client) error {
			_, err := c.put(ctx, bogus, metav1.UpdateOptions{FieldValidation: strict})
			return err
		},
		"JSON patch": func(ctx context.Context, c *client) error {
			_, err := c.Patch(ctx, pool.GetName(), types.JSONPatchType, []byte(`[{"op": "add", "path": "/spec/bogus", "value": true}]`), patch)
			return err
		},
		"merge patch": func(ctx context.Context, c *client) error {
			_, err := c.Patch(ctx, pool.GetName(), types.MergePatchType, []byte(`{"spec": {"bogus": true}}`), patch)
			return err
		},
		"apply": func(ctx context.Context, c *client) error {
			text, err := json.Marshal(bogus)
			if err != nil {
				return err
			}
			_, err = c.Patch(ctx, pool.GetName(), types.ApplyPatchType, text, metav1.PatchOptions{FieldManager: "jane", FieldValidation: strict})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.whereabouts.store(t, pool)
			got := request(t, func(ctx context.Context) error { return write(ctx, s.jane) })
			expect(t, got, badRequest(byWebhook(strictError+unknown)))
		})
	}
}

// TestUnknownFieldsThatWereThere checks that unknown fields of the old pool do not deny an update at any level.
func TestUnknownFieldsThatWereThere(t *testing.T) {
	keepUnknownFields(t)
	s := newScene(t)
	s.whereabouts.store(t, withBogus(newPool("10.0.0.0/24", at("1", "default/web-0"))))
	more := withBogus(newPool("10.0.0.0/24", at("1", "default/web-0"), at("2", "default/web-1")))
	expect(t, request(t, func(ctx context.Context) error {
		_, err := s.jane.put(ctx, more, metav1.UpdateOptions{FieldValidation: metav1.FieldValidationStrict})
		return err
	}), allowed(unknown))
}

// TestFieldValidationFloor sets the minimum strictness. In observe mode a denial becomes a warning.
func TestFieldValidationFloor(t *testing.T) {
	keepUnknownFields(t)
	restart(t, environment.Options{Flags: []string{"--field-validation", "Strict"}})
	s := newScene(t)
	const spec = `{"range": "10.0.0.0/24", "allocations": {}, "bogus": 1}`
	expect(t, s.jane.postSpec(t, spec, "Ignore"), badRequest(byWebhook(strictError+unknown)))
	expect(t, s.whereabouts.postSpec(t, spec, "Ignore"), allowed(unknown))
}

// TestStrictInObserveMode checks that fieldValidation Strict leads to warnings in observe mode: no request is denied.
func TestStrictInObserveMode(t *testing.T) {
	keepUnknownFields(t)
	s := newScene(t)
	const spec = `{"range": "10.0.0.0/24", "allocations": {}, "bogus": 1}`
	expect(t, s.whereabouts.postSpec(t, spec, "Strict"), allowed(unknown))
}

// withBogus returns a copy of pool with an unknown field.
func withBogus(pool *unstructured.Unstructured) *unstructured.Unstructured {
	return with(pool, func(p *unstructured.Unstructured) {
		_ = unstructured.SetNestedField(p.Object, true, "spec", "bogus") // spec is a map
	})
}

// postSpec creates pool 10.0.0.0-24 with this spec.
func (c *client) postSpec(t *testing.T, spec, fieldValidation string) answer {
	t.Helper()
	return request(t, func(ctx context.Context) error {
		_, err := c.post(ctx, poolText("10.0.0.0-24", spec), fieldValidation)
		return err
	})
}

// poolText returns a pool as a client can write it, with or without indentation.
func poolText(name, spec string) string {
	text := `{"apiVersion": "whereabouts.cni.cncf.io/v1alpha1", "kind": "IPPool", "metadata": {"name": NAME}, "spec": SPEC}`
	return strings.NewReplacer("NAME", fmt.Sprintf("%q", name), "SPEC", spec).Replace(text)
}

// badRequest is the answer to an object that cannot be decoded.
func badRequest(message string) answer {
	return answer{Status: &metav1.Status{Status: metav1.StatusFailure, Code: 400, Reason: metav1.StatusReasonBadRequest, Message: message}}
}
