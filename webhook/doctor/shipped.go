package doctor

import (
	"fmt"
	"slices"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"sigs.k8s.io/yaml"

	"ippool-webhook/manifests"
	"ippool-webhook/webhook/server"
)

// shipped contains the webhooks of the shipped manifests. doctor compares the installed webhooks with them.
type shipped struct{ users, whereabouts, mutating webhook }

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
	return &shipped{validatingWebhooks(users)[0], validatingWebhooks(whereabouts)[0], mutatingWebhooks(mutating)[0]}, nil
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

// inModeOf returns the shipped webhook w in the mode of an installed webhook. Only the webhook for users in enforce mode has
// failurePolicy Fail.
func (w webhook) inModeOf(installed webhook) webhook {
	w.ValidatingWebhook = *w.DeepCopy()
	switch path(installed) {
	case server.ObservePath:
		w.ClientConfig.Service.Path = new(server.ObservePath)
		w.FailurePolicy = new(admissionv1.Ignore)
	case server.ValidatePath:
		w.ClientConfig.Service.Path = new(server.ValidatePath)
	}
	return w
}

// mode returns the mode in which a webhook validates requests.
func (w webhook) mode() string {
	if path(w) == server.ObservePath {
		return "Observe"
	}
	return "Enforce"
}

// find returns the webhook with a name, or nil.
func find(webhooks []webhook, name string) *webhook {
	i := slices.IndexFunc(webhooks, func(w webhook) bool { return w.Name == name })
	if i < 0 {
		return nil
	}
	return &webhooks[i]
}
