package e2e

import (
	"context"
	"errors"
	"os"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/yaml"

	"ippool-webhook/test/environment"
)

// TestJudgedReleases has the rules bind Whereabouts: a write that takes two entries and brings a bad one gets by unless the
// component judged-releases is there.
func TestJudgedReleases(t *testing.T) {
	restart(t, environment.Options{Policy: "{apiVersion: config.ippool-webhook/v1alpha1, kind: Policy, trustedWriters: {enforcement: Full}}"})
	web0, web1, web2 := at("1", "default/web-0"), at("2", "default/web-1"), at("3", "default/web-2")
	good, bad := newPool("10.0.0.0/24", web0, web1), newPool("10.0.0.0/24", web0, at("300", "default/web-3"))
	newPoolOfThree := func(t *testing.T) scene {
		t.Helper()
		s := newScene(t)
		s.whereabouts.store(t, newPool("10.0.0.0/24", web0, web1, web2))
		return s
	}
	t.Run("as shipped", func(t *testing.T) {
		expect(t, newPoolOfThree(t).whereabouts.update(t, bad), allowed())
	})
	t.Run("with the component", func(t *testing.T) {
		addComponent(t, "judged-releases")
		s := newPoolOfThree(t)
		err := environment.Await(t.Context(), "the first release that is judged", func(ctx context.Context) error {
			_, err := s.whereabouts.put(ctx, bad, metav1.UpdateOptions{DryRun: []string{metav1.DryRunAll}})
			switch {
			case apierrors.IsInvalid(err):
				return nil
			case err == nil:
				return errors.New("it was not judged")
			default:
				return err
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		expect(t, s.whereabouts.update(t, bad), denied(trustedWebhook, "10.0.0.0-24",
			`spec.allocations[300]: Invalid value: "300": is past 255, the last offset of 10.0.0.0/24 that Whereabouts can use (rule offset-out-of-range)`))
		expect(t, s.whereabouts.update(t, good), allowed())
		expectSpec(t, s, good)
	})
}

// addComponent does to the ValidatingWebhookConfiguration what a component does, until the end of the test.
func addComponent(t *testing.T, name string) {
	t.Helper()
	text, err := os.ReadFile(suite.Manifest("components", name, "kustomization.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var component struct{ Patches []struct{ Patch string } }
	if err := yaml.Unmarshal(text, &component); err != nil {
		t.Fatal(err)
	}
	patch, err := yaml.YAMLToJSON([]byte(component.Patches[0].Patch))
	if err != nil {
		t.Fatal(err)
	}
	admin, err := kubernetes.NewForConfig(suite.Admin())
	if err != nil {
		t.Fatal(err)
	}
	configurations := admin.AdmissionregistrationV1().ValidatingWebhookConfigurations()
	before, err := configurations.Get(t.Context(), "ippool-webhook", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	patched, err := configurations.Patch(t.Context(), before.Name, types.JSONPatchType, patch, metav1.PatchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		before.ResourceVersion = patched.ResourceVersion
		if _, err := configurations.Update(context.Background(), before, metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
	})
}
