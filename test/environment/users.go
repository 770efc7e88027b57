package environment

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

const (
	poolGroup    = "whereabouts.cni.cncf.io"
	poolResource = "ippools"
)

// User is a user with a client certificate.
type User struct {
	Name   string
	Config *rest.Config
	// Kubeconfig is the path of a file for kubectl.
	Kubeconfig string
}

// User creates a user with a name, which can be that of a service account, and returns once the API server grants it all
// permissions on IPPools.
func (p *ControlPlane) User(ctx context.Context, name string, groups ...string) (*User, error) {
	user, err := p.AddUser(name, groups...)
	if err != nil {
		return nil, err
	}
	return user, Await(ctx, "the permissions of user "+name, user.mayWritePools)
}

// AddUser creates a user with a name. It has the permissions that exist for the name and the groups.
func (p *ControlPlane) AddUser(name string, groups ...string) (*User, error) {
	// With the default limits of client-go, half of the time of a test would be spent waiting.
	authenticated, err := p.plane.AddUser(envtest.User{Name: name, Groups: groups}, &rest.Config{QPS: 1000, Burst: 2000})
	if err != nil {
		return nil, fmt.Errorf("cannot add user %s: %w", name, err)
	}
	user := &User{Name: name, Config: authenticated.Config()}
	if user.Kubeconfig, err = p.writeKubeconfig(authenticated); err != nil {
		return nil, fmt.Errorf("cannot write the kubeconfig of user %s: %w", name, err)
	}
	return user, nil
}

func (p *ControlPlane) writeKubeconfig(user *envtest.AuthenticatedUser) (string, error) {
	text, err := user.KubeConfig()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(p.dir, "user-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "kubeconfig")
	return path, os.WriteFile(path, text, 0o600)
}

func (u *User) mayWritePools(ctx context.Context) error {
	client, err := kubernetes.NewForConfig(u.Config)
	if err != nil {
		return err
	}
	review, err := client.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, &authorizationv1.SelfSubjectAccessReview{
		Spec: authorizationv1.SelfSubjectAccessReviewSpec{
			ResourceAttributes: &authorizationv1.ResourceAttributes{Verb: "*", Group: poolGroup, Resource: poolResource},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	if !review.Status.Allowed {
		return errors.New("not allowed: " + review.Status.Reason)
	}
	return nil
}

// AllowAllUsersToWritePools grants all users the permissions to write pools, so that only the webhook denies.
func (p *ControlPlane) AllowAllUsersToWritePools(ctx context.Context) error {
	client, err := kubernetes.NewForConfig(p.Admin())
	if err != nil {
		return err
	}
	name := metav1.ObjectMeta{Name: "ippool-writer"}
	_, err = client.RbacV1().ClusterRoles().Create(ctx, &rbacv1.ClusterRole{
		ObjectMeta: name,
		Rules:      []rbacv1.PolicyRule{{Verbs: []string{"*"}, APIGroups: []string{poolGroup}, Resources: []string{poolResource}}},
	}, metav1.CreateOptions{})
	if err != nil {
		return err
	}
	_, err = client.RbacV1().ClusterRoleBindings().Create(ctx, &rbacv1.ClusterRoleBinding{
		ObjectMeta: name,
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name.Name},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: "system:authenticated"}},
	}, metav1.CreateOptions{})
	return err
}

// Namespace creates a namespace for one test. It is not deleted, because no controller of the control plane would do so.
func (p *ControlPlane) Namespace(ctx context.Context) (string, error) {
	client, err := kubernetes.NewForConfig(p.Admin())
	if err != nil {
		return "", err
	}
	namespace, err := client.CoreV1().Namespaces().Create(ctx,
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "pools-"}}, metav1.CreateOptions{})
	if err != nil {
		return "", fmt.Errorf("cannot create a namespace: %w", err)
	}
	return namespace.Name, nil
}
