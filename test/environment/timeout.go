package environment

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
)

// setWhereaboutsTimeout sets how long the API server waits for an answer about a request of Whereabouts.
func (p *ControlPlane) setWhereaboutsTimeout(ctx context.Context, seconds int32) error {
	client, err := kubernetes.NewForConfig(p.Admin())
	if err != nil {
		return err
	}
	patch := fmt.Sprintf(`{"webhooks": [{"name": "whereabouts.validate.ippool-webhook", "timeoutSeconds": %d}]}`, seconds)
	_, err = client.AdmissionregistrationV1().ValidatingWebhookConfigurations().Patch(ctx, configurationName,
		types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{})
	return err
}
