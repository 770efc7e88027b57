package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ippool-webhook/test/certs/cluster"
)

// TestUnnoticed changes certificates under load. These changes require no procedure.
func TestUnnoticed(t *testing.T) {
	for name, do := range map[string]func(context.Context) error{
		"the CA is renewed with its key":          renewCA,
		"the Secret is deleted, and issued again": deleteSecret,
	} {
		suite.rows.Run(t, name, func(t *testing.T) {
			l := suite.startLoad(t)
			phase(t, l, "before", func(context.Context) error { return nil })
			phase(t, l, name, do)
			l.expectNoFailure(t)
		})
	}
}

// renewCA renews the CA, and then the serving certificate, because its Secret has the CA for caBundle.
func renewCA(ctx context.Context) error {
	leaf, err := suite.readIssued(ctx, servingName)
	if err != nil {
		return err
	}
	renewed, err := renew(ctx, authorityName)
	if err != nil {
		return err
	}
	if err := verify(leaf.leaf, renewed.ca); err != nil {
		return fmt.Errorf("the renewed CA does not verify the serving certificate: %w", err)
	}
	if err := renewServing(ctx); err != nil {
		return err
	}
	if leaf, err = suite.readIssued(ctx, servingName); err != nil {
		return err
	}
	if !contains(leaf.ca, renewed.ca) {
		return errors.New("the Secret of the serving certificate does not have the renewed CA")
	}
	return suite.awaitTrust(ctx, renewed.ca)
}

// deleteSecret deletes the Secret of the serving certificate.
func deleteSecret(ctx context.Context) error {
	before, err := suite.readIssued(ctx, servingName)
	if err != nil {
		return err
	}
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: cluster.Namespace, Name: servingName}}
	if err := suite.Client.Delete(ctx, secret); err != nil {
		return err
	}
	after, err := awaitIssued(ctx, servingName, before)
	if err != nil {
		return err
	}
	return suite.awaitServed(ctx, after.leaf)
}
