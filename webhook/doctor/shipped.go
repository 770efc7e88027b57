package doctor

import (
	"fmt"
	"slices"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"sigs.k8s.io/yaml"

	"ippool-webhook/manifests"
	"ippool-webhook/webhook/server"
)

// shipped are the webhooks of the manifests, which say what is expected.
type shipped struct{ users, whereabouts, mutating entry }

func readShipped() (*shipped, error) {
	var users, whereabouts admissionv1.ValidatingWebhookConfiguration
	var mutating admissionv1.MutatingWebhookConfiguration
	if err := readManifest("base/validating-webhook.yaml", &users); err != nil {
		return nil, err
	}
	if err := readManifest("base/mutating-webhook.yaml", &mutating); err != nil {
		return nil, err
	}
	if err := readPatch("components/whereabouts-observe/kustomization.yaml", &whereabouts); err != nil {
		return nil, err
	}
	return &shipped{validatingEntries(users)[0], validatingEntries(whereabouts)[0], mutatingEntries(mutating)[0]}, nil
}

func readManifest(path string, into any) error {
	text, err := manifests.Files.ReadFile(path)
	if err != nil {
		return err
	}
	if err := yaml.UnmarshalStrict(text, into); err != nil {
		return fmt.Errorf("manifests/%s: %w", path, err)
	}
	return nil
}

// readPatch reads the first patch of a component.
func readPatch(path string, into any) error {
	text, err := manifests.Files.ReadFile(path)
	if err != nil {
		return err
	}
	var component struct {
		Patches []struct {
			Patch string `json:"patch"`
		} `json:"patches"`
	}
	if err := yaml.Unmarshal(text, &component); err != nil || len(component.Patches) == 0 {
		return fmt.Errorf("manifests/%s has no patch: %w", path, err)
	}
	return yaml.UnmarshalStrict([]byte(component.Patches[0].Patch), into)
}

// inModeOf returns the shipped webhook e in the mode of an installed one. Only enforcement for users fails closed.
func (e entry) inModeOf(installed entry) entry {
	e.ValidatingWebhook = *e.DeepCopy()
	switch path(installed) {
	case server.ObservePath:
		e.ClientConfig.Service.Path = new(server.ObservePath)
		e.FailurePolicy = new(admissionv1.Ignore)
	case server.ValidatePath:
		e.ClientConfig.Service.Path = new(server.ValidatePath)
	}
	return e
}

// mode returns how the requests that are sent to a webhook are treated.
func (e entry) mode() string {
	if path(e) == server.ObservePath {
		return "Observe"
	}
	return "Enforce"
}

// find returns the webhook of a name, or nil.
func find(entries []entry, name string) *entry {
	i := slices.IndexFunc(entries, func(e entry) bool { return e.Name == name })
	if i < 0 {
		return nil
	}
	return &entries[i]
}
