// Package review decodes the request of an AdmissionReview (admission.k8s.io/v1) and encodes the response.
package review

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"ippool-webhook/webhook/codec"
	"ippool-webhook/webhook/ippool"
)

// The apiVersion and kind of the reviews that this package reads and writes.
const (
	APIVersion = "admission.k8s.io/v1"
	Kind       = "AdmissionReview"
)

// The operations of a request (k8s.io/api/admission/v1, Operation).
const (
	Create = "CREATE"
	Update = "UPDATE"
	Delete = "DELETE"
)

// Request is the request of an AdmissionReview. Its strings are views of the decoded body and are valid as long as the body. Decode
// reuses its memory.
type Request struct {
	Head
	// Object and OldObject are decoded as IPPools, even if they have another kind. They are not Present if they are absent or null.
	Object    ippool.Pool
	OldObject ippool.Pool

	reader            codec.Reader
	text              codec.Text
	schema            *codec.Schema
	object, oldObject codec.Decoder
}

// maxUID is the maximum length of request.uid, in bytes. The API server sends 36 bytes (RFC 9562 section 4), and the response must
// repeat them.
const maxUID = 128

// Head is a request without its objects.
type Head struct {
	UID             string
	Group           string
	Version         string
	Kind            string
	Namespace       string
	Name            string
	Operation       string
	Username        string
	FieldValidation string
}

// Decode decodes an AdmissionReview. The schema lists the fields of the objects. The fields can be in any order, Decode ignores unknown
// fields, and the last value of a duplicate field counts. It returns an error if the body is not an AdmissionReview of this version
// that has a request with a uid, or if ctx has ended.
func (q *Request) Decode(ctx context.Context, body []byte, schema *codec.Schema) error {
	q.schema = schema
	q.reset()
	if len(codec.SkipSpace(body)) == 0 {
		return errors.New("the body is empty: must be an AdmissionReview")
	}
	q.text.Reset()
	q.reader.Reset(ctx, body, &q.text)
	if err := q.decodeReview(); err != nil {
		return err
	}
	if err := q.reader.Close(); err != nil {
		return err
	}
	switch {
	case q.UID == "":
		return errors.New("the AdmissionReview has no request with a uid")
	case len(q.UID) > maxUID:
		return fmt.Errorf("request.uid has %d bytes: must have at most %d", len(q.UID), maxUID)
	}
	return nil
}

func (q *Request) reset() {
	q.Head = Head{}
	q.Object.Reset()
	q.OldObject.Reset()
	q.object.Reset()
	q.oldObject.Reset()
}

func (q *Request) decodeReview() error {
	var apiVersion, kind string
	err := q.decodeObject("the body", func(name string) (err error) {
		switch name {
		case "apiVersion":
			apiVersion, err = q.decodeText("apiVersion")
		case "kind":
			kind, err = q.decodeText("kind")
		case "request":
			q.reset()
			err = q.decodeObject("request", q.decodeRequestField)
		default:
			err = q.reader.SkipValue()
		}
		return err
	})
	if err != nil {
		return err
	}
	if apiVersion != APIVersion || kind != Kind {
		return fmt.Errorf("the body is %.64q of %.64q: must be %q of %q", kind, apiVersion, Kind, APIVersion)
	}
	return nil
}

func (q *Request) decodeRequestField(name string) (err error) {
	switch name {
	case "uid":
		q.UID, err = q.decodeText("request.uid")
	case "namespace":
		q.Namespace, err = q.decodeText("request.namespace")
	case "name":
		q.Name, err = q.decodeText("request.name")
	case "operation":
		q.Operation, err = q.decodeText("request.operation")
	case "kind":
		q.Group, q.Version, q.Kind = "", "", ""
		err = q.decodeObject("request.kind", q.decodeKindField)
	case "userInfo":
		q.Username = ""
		err = q.decodeObject("request.userInfo", q.decodeUserField)
	case "options":
		q.FieldValidation = ""
		err = q.decodeObject("request.options", q.decodeOptionsField)
	case "object":
		err = q.object.Decode(&q.reader, &q.Object, q.schema, nil)
	case "oldObject":
		err = q.oldObject.Decode(&q.reader, &q.OldObject, q.schema, &q.object)
	default:
		err = q.reader.SkipValue()
	}
	return err
}

func (q *Request) decodeKindField(name string) (err error) {
	switch name {
	case "group":
		q.Group, err = q.decodeText("request.kind.group")
	case "version":
		q.Version, err = q.decodeText("request.kind.version")
	case "kind":
		q.Kind, err = q.decodeText("request.kind.kind")
	default:
		err = q.reader.SkipValue()
	}
	return err
}

func (q *Request) decodeUserField(name string) (err error) {
	if name == "username" {
		q.Username, err = q.decodeText("request.userInfo.username")
		return err
	}
	return q.reader.SkipValue()
}

func (q *Request) decodeOptionsField(name string) (err error) {
	if name == "fieldValidation" {
		q.FieldValidation, err = q.decodeText("request.options.fieldValidation")
		return err
	}
	return q.reader.SkipValue()
}

// decodeObject reads an object and calls field to read the value of each field. It reads null as an object without fields.
func (q *Request) decodeObject(path string, field func(name string) error) error {
	switch kind := q.reader.Peek(); kind {
	case '{':
	case 'n':
		return q.reader.SkipValue()
	default:
		return q.mistyped(path, "an object", kind)
	}
	if err := q.reader.Enter(); err != nil {
		return err
	}
	for {
		name, more, err := q.reader.Name()
		if err != nil || !more {
			return err
		}
		if err := field(name); err != nil {
			return err
		}
	}
}

// decodeText reads a string. It reads null as an empty string.
func (q *Request) decodeText(path string) (string, error) {
	switch kind := q.reader.Peek(); kind {
	case '"':
		return q.reader.Text()
	case 'n':
		return "", q.reader.SkipValue()
	default:
		return "", q.mistyped(path, "a string", kind)
	}
}

// mistyped returns the error for a value of a wrong type, or for invalid JSON.
func (q *Request) mistyped(path, want string, kind jsontext.Kind) error {
	if err := q.reader.SkipValue(); err != nil {
		return err
	}
	return fmt.Errorf("%s must be %s, not %s", path, want, codec.KindName(kind))
}
