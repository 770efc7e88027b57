package doctor

import (
	"cmp"
	"context"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"ippool-webhook/webhook/ippool"
)

// writer is a service account that RBAC lets change pools, and the role that does.
type writer struct {
	namespace, name string
	role            string
}

// serviceAccountPrefix begins the user name of a service account (k8s.io/apiserver/pkg/authentication/serviceaccount).
const serviceAccountPrefix = "system:serviceaccount:"

func (w writer) username() string { return serviceAccountPrefix + w.namespace + ":" + w.name }

// ofWhereabouts guesses from the names.
func (w writer) ofWhereabouts() bool {
	return slices.ContainsFunc([]string{w.name, w.role}, func(name string) bool {
		return strings.Contains(name, "whereabouts") || strings.Contains(name, "multus")
	})
}

// readWriters searches RBAC for who may change pools.
func readWriters(ctx context.Context, c client.Reader) read[[]writer] {
	of := func(resource string) access { return access{group: rbacv1.GroupName, resource: resource} }
	clusterRoles := list(ctx, c, &rbacv1.ClusterRoleList{}, of("clusterroles"))
	roles := list(ctx, c, &rbacv1.RoleList{}, of("roles"))
	clusterBindings := list(ctx, c, &rbacv1.ClusterRoleBindingList{}, of("clusterrolebindings"))
	bindings := list(ctx, c, &rbacv1.RoleBindingList{}, of("rolebindings"))
	for _, r := range []struct {
		access
		err error
	}{
		{clusterRoles.access, clusterRoles.err}, {roles.access, roles.err},
		{clusterBindings.access, clusterBindings.err}, {bindings.access, bindings.err},
	} {
		if r.err != nil {
			return read[[]writer]{nil, r.access, r.err}
		}
	}
	return read[[]writer]{value: findWriters(clusterRoles.value.Items, roles.value.Items, clusterBindings.value.Items, bindings.value.Items)}
}

// roleKey names a Role, or with an empty namespace a ClusterRole.
type roleKey struct{ namespace, name string }

// findWriters follows the bindings of the roles that let somebody change pools. Roles for everything, such as cluster-admin,
// are left out: those who hold them are not Whereabouts.
func findWriters(clusterRoles []rbacv1.ClusterRole, roles []rbacv1.Role, clusterBindings []rbacv1.ClusterRoleBinding, bindings []rbacv1.RoleBinding) []writer {
	writing := map[roleKey]bool{}
	for _, role := range clusterRoles {
		writing[roleKey{name: role.Name}] = slices.ContainsFunc(role.Rules, writesPools)
	}
	for _, role := range roles {
		writing[roleKey{role.Namespace, role.Name}] = slices.ContainsFunc(role.Rules, writesPools)
	}
	var found []writer
	for _, b := range clusterBindings {
		if writing[roleKey{name: b.RoleRef.Name}] {
			found = append(found, accounts(b.Subjects, b.RoleRef.Name)...)
		}
	}
	for _, b := range bindings {
		key := roleKey{name: b.RoleRef.Name}
		if b.RoleRef.Kind == "Role" {
			key.namespace = b.Namespace
		}
		if writing[key] {
			found = append(found, accounts(b.Subjects, b.RoleRef.Name)...)
		}
	}
	slices.SortFunc(found, func(a, b writer) int {
		return cmp.Or(cmp.Compare(a.username(), b.username()), cmp.Compare(a.role, b.role))
	})
	return slices.Compact(found)
}

// writesPools reports whether a rule names the group of the pools and lets its holder change them.
func writesPools(rule rbacv1.PolicyRule) bool {
	has := func(list []string, names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(list, name) })
	}
	return has(rule.APIGroups, ippool.Group) && has(rule.Resources, ippool.Resource, "*") && has(rule.Verbs, "patch", "update", "*")
}

func accounts(subjects []rbacv1.Subject, role string) []writer {
	var found []writer
	for _, s := range subjects {
		if s.Kind == rbacv1.ServiceAccountKind {
			found = append(found, writer{s.Namespace, s.Name, role})
		}
	}
	return found
}
