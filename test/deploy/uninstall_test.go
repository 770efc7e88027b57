package deploy

import (
	"context"
	"strconv"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// liveConfigurations returns the webhook configurations in the cluster.
func liveConfigurations(t *testing.T) (*admissionv1.ValidatingWebhookConfiguration, *admissionv1.MutatingWebhookConfiguration) {
	t.Helper()
	validating, mutating := &admissionv1.ValidatingWebhookConfiguration{}, &admissionv1.MutatingWebhookConfiguration{}
	for _, object := range []client.Object{validating, mutating} {
		if err := suite.admin.Get(t.Context(), client.ObjectKey{Name: name}, object); err != nil {
			t.Fatal(err)
		}
	}
	return validating, mutating
}

// expectOrderlyUninstall expects that helm deletes the webhook configurations before the webhook. Otherwise users cannot write
// pools, and this remains so if the uninstallation is interrupted.
func expectOrderlyUninstall(t *testing.T) {
	var configurations, answering []watch.Interface
	for _, list := range []client.ObjectList{&admissionv1.ValidatingWebhookConfigurationList{}, &admissionv1.MutatingWebhookConfigurationList{}} {
		configurations = append(configurations, watchRelease(t, list))
	}
	for _, list := range []client.ObjectList{&appsv1.DeploymentList{}, &corev1.ServiceList{}, &corev1.ServiceAccountList{}} {
		answering = append(answering, watchRelease(t, list))
	}
	run(t, "uninstall", name, "--namespace", name)
	var last int64
	for _, events := range configurations {
		last = max(last, deletion(t, events))
	}
	for _, events := range answering {
		if at := deletion(t, events); at <= last {
			t.Errorf("an object of the webhook is deleted at revision %d, want later than the last webhook configuration, at %d", at, last)
		}
	}
}

// watchRelease watches the objects of one kind of the release from now on.
func watchRelease(t *testing.T, list client.ObjectList) watch.Interface {
	t.Helper()
	admin, err := client.NewWithWatch(suite.Admin(), client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	label := client.MatchingLabels{"app.kubernetes.io/instance": name}
	if err := admin.List(t.Context(), list, label); err != nil {
		t.Fatal(err)
	}
	from := &client.ListOptions{Raw: &metav1.ListOptions{ResourceVersion: list.GetResourceVersion()}}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // a successful test ends within a second
	t.Cleanup(cancel)
	events, err := admin.Watch(ctx, list, label, from)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(events.Stop)
	return events
}

// deletion returns the revision of the first deletion.
func deletion(t *testing.T, events watch.Interface) int64 {
	t.Helper()
	for event := range events.ResultChan() {
		object, ok := event.Object.(client.Object)
		if event.Type != watch.Deleted || !ok {
			continue
		}
		revision, err := strconv.ParseInt(object.GetResourceVersion(), 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return revision
	}
	t.Fatal("the watch ended without a deletion")
	return 0
}
