package doctor

import (
	"fmt"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"sigs.k8s.io/yaml"

	"ippool-webhook/manifests"
)

// shipped are the entries of the manifests, which say what is expected.
type shipped struct{ validating, mutating []entry }

func readShipped() (*shipped, error) {
	var validating admissionv1.ValidatingWebhookConfiguration
	if err := readManifest("base/validating-webhook.yaml", &validating); err != nil {
		return nil, err
	}
	var mutating admissionv1.MutatingWebhookConfiguration
	if err := readManifest("base/mutating-webhook.yaml", &mutating); err != nil {
		return nil, err
	}
	return &shipped{validatingEntries(validating), mutatingEntries(mutating)}, nil
}

func readManifest(path string, into any) error {
	text, err := manifests.Base.ReadFile(path)
	if err != nil {
		return err
	}
	if err := yaml.UnmarshalStrict(text, into); err != nil {
		return fmt.Errorf("manifests/%s: %w", path, err)
	}
	return nil
}
