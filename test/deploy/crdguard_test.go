package deploy

import (
	"context"
	"errors"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ippool-webhook/test/environment"
)

const crdGuard = "ippool-webhook-crd-guard"

// guardKeys are the objects of the guard.
func guardKeys() []string {
	return []string{"ValidatingAdmissionPolicy " + crdGuard, "ValidatingAdmissionPolicyBinding " + crdGuard}
}

// TestCRDGuard deletes CRDs while the guard is installed and no replica of the webhook answers.
func TestCRDGuard(t *testing.T) {
	all := build(t, "cert-manager")
	for _, key := range guardKeys() {
		install(t, all[key])
	}
	awaitGuard(t)
	for _, row := range []struct {
		name        string
		annotations map[string]string
		allowed     bool
	}{
		{"no annotation", nil, false},
		{"other annotation", map[string]string{"team": "network"}, false},
		{"annotation with another value", map[string]string{"ippool-webhook/allow-delete": "yes"}, false},
		{"annotation", map[string]string{"ippool-webhook/allow-delete": "true"}, true},
	} {
		suite.rows.Run(t, row.name, func(t *testing.T) {
			annotate(t, row.annotations)
			err := deletePoolCRD(t)
			if row.allowed && err != nil {
				t.Errorf("the deletion failed: %v", err)
			}
			if !row.allowed {
				expectGuarded(t, err)
			}
		})
	}
	annotate(t, nil)
	suite.rows.Run(t, "deletion of all CRDs", func(t *testing.T) {
		expectGuarded(t, suite.admin.DeleteAllOf(t.Context(), &apiextensionsv1.CustomResourceDefinition{}, client.DryRunAll,
			client.MatchingFields{"metadata.name": environment.PoolResource().GroupResource().String()}))
	})
	suite.rows.Run(t, "another CRD", func(t *testing.T) {
		other := &apiextensionsv1.CustomResourceDefinition{ObjectMeta: metav1.ObjectMeta{Name: "servicemonitors.monitoring.coreos.com"}}
		if err := suite.admin.Delete(t.Context(), other, client.DryRunAll); err != nil {
			t.Error(err)
		}
	})
}

// TestCRDGuardSwitchedOff expects no guard with the component and with the value that switch it off.
func TestCRDGuardSwitchedOff(t *testing.T) {
	for name, all := range map[string]objects{
		"component": buildWith(t, "without-crd-guard"),
		"chart":     render(t, "crdGuard: {enabled: false}"),
	} {
		suite.rows.Run(t, name, func(t *testing.T) {
			for _, key := range guardKeys() {
				if _, ok := all[key]; ok {
					t.Errorf("%s is installed", key)
				}
			}
		})
	}
}

// install creates an object for the duration of the test.
func install(t *testing.T, object client.Object) {
	t.Helper()
	if err := suite.admin.Create(t.Context(), object); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := suite.admin.Delete(context.WithoutCancel(t.Context()), object); err != nil {
			t.Error(err)
		}
	})
}

// awaitGuard waits until the API server evaluates the policy, which takes some seconds.
func awaitGuard(t *testing.T) {
	t.Helper()
	if err := environment.Await(t.Context(), "the guard of the CRD", func(context.Context) error {
		if err := deletePoolCRD(t); err == nil {
			return errors.New("the deletion is allowed")
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func poolCRD() *apiextensionsv1.CustomResourceDefinition {
	return &apiextensionsv1.CustomResourceDefinition{ObjectMeta: metav1.ObjectMeta{Name: environment.PoolResource().GroupResource().String()}}
}

// deletePoolCRD deletes the CRD of IPPools as a dry run.
func deletePoolCRD(t *testing.T) error {
	t.Helper()
	return suite.admin.Delete(t.Context(), poolCRD(), client.DryRunAll)
}

func annotate(t *testing.T, annotations map[string]string) {
	t.Helper()
	crd := poolCRD()
	if err := suite.admin.Get(t.Context(), client.ObjectKeyFromObject(crd), crd); err != nil {
		t.Fatal(err)
	}
	crd.Annotations = annotations
	if err := suite.admin.Update(t.Context(), crd); err != nil {
		t.Fatal(err)
	}
}

func expectGuarded(t *testing.T, err error) {
	t.Helper()
	if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), "kubectl annotate crd ippools.whereabouts.cni.cncf.io ippool-webhook/allow-delete=true") {
		t.Errorf("err = %v, want a denial that names the annotation", err)
	}
}
