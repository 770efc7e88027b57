package admissiontest

import (
	"encoding/json"

	admissionv1 "k8s.io/api/admission/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// User is the user of the reviews that this package makes.
const User = "jane"

// NewReview returns the review of one request about a pool; object and old are JSON texts or values that marshal to
// one, or nil.
func NewReview(operation admissionv1.Operation, object, old any) *admissionv1.AdmissionReview {
	resource := metav1.GroupVersionResource{Group: "whereabouts.cni.cncf.io", Version: "v1alpha1", Resource: "ippools"}
	kind := metav1.GroupVersionKind{Group: "whereabouts.cni.cncf.io", Version: "v1alpha1", Kind: "IPPool"}
	dryRun := false
	return &admissionv1.AdmissionReview{
		TypeMeta: metav1.TypeMeta{APIVersion: "admission.k8s.io/v1", Kind: "AdmissionReview"},
		Request: &admissionv1.AdmissionRequest{
			UID: "705ab4f5-6393-11e8-b7cc-42010a800002", Kind: kind, Resource: resource, RequestKind: &kind, RequestResource: &resource,
			Name: "10.0.0.0-16", Namespace: "kube-system", Operation: operation,
			UserInfo:  authenticationv1.UserInfo{Username: User, Groups: []string{"system:authenticated"}},
			Object:    raw(object),
			OldObject: raw(old),
			DryRun:    &dryRun,
			Options:   runtime.RawExtension{Raw: []byte(`{"apiVersion":"meta.k8s.io/v1"}`)},
		},
	}
}

// Body returns the review as a request body.
func Body(review *admissionv1.AdmissionReview) []byte {
	body, err := json.Marshal(review)
	if err != nil {
		panic(err) // the parts of a review always marshal
	}
	return body
}

func raw(object any) runtime.RawExtension {
	switch object := object.(type) {
	case nil:
		return runtime.RawExtension{}
	case string:
		return runtime.RawExtension{Raw: []byte(object)}
	}
	text, err := json.Marshal(object)
	if err != nil {
		panic(err) // pools always marshal
	}
	return runtime.RawExtension{Raw: text}
}
