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

// serviceAccount is a service account with RBAC permissions to change pools, and the role that grants them.
type serviceAccount struct {
	namespace, name string
	role            string
}

// serviceAccountPrefix is the prefix of the user name of a service account (k8s.io/apiserver/pkg/authentication/serviceaccount).
const serviceAccountPrefix = "system:serviceaccount:"

func (a serviceAccount) username() string { return serviceAccountPrefix + a.namespace + ":" + a.name }

// ofWhereabouts reports whether the name of the service account or of its role contains whereabouts or multus.
func (a serviceAccount) ofWhereabouts() bool {
	return slices.ContainsFunc([]string{a.name, a.role}, func(name string) bool {
		return strings.Contains(name, "whereabouts") || strings.Contains(name, "multus")
	})
}

// readServiceAccounts returns the service accounts with RBAC permissions to change pools.
func readServiceAccounts(ctx context.Context, c client.Reader) read[[]serviceAccount] {
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
			return read[[]serviceAccount]{nil, r.access, r.err}
		}
	}
	return read[[]serviceAccount]{value: findServiceAccounts(clusterRoles.value.Items, roles.value.Items, clusterBindings.value.Items, bindings.value.Items)}
}

// roleKey identifies a Role or, with an empty namespace, a ClusterRole.
type roleKey struct{ namespace, name string }

// findServiceAccounts returns the service accounts to which bindings grant permissions to change pools, sorted. It ignores roles for
// all API groups, such as cluster-admin: Whereabouts does not use them.
func findServiceAccounts(clusterRoles []rbacv1.ClusterRole, roles []rbacv1.Role, clusterBindings []rbacv1.ClusterRoleBinding, bindings []rbacv1.RoleBinding) []serviceAccount {
	writing := writingRoles(clusterRoles, roles)
	var found []serviceAccount
	for _, b := range clusterBindings {
		if writing[roleKey{name: b.RoleRef.Name}] {
			found = append(found, serviceAccountsOf(b.Subjects, b.RoleRef.Name)...)
		}
	}
	for _, b := range bindings {
		key := roleKey{name: b.RoleRef.Name}
		if b.RoleRef.Kind == "Role" {
			key.namespace = b.Namespace
		}
		if writing[key] {
			found = append(found, serviceAccountsOf(b.Subjects, b.RoleRef.Name)...)
		}
	}
	slices.SortFunc(found, func(a, b serviceAccount) int {
		return cmp.Or(cmp.Compare(a.username(), b.username()), cmp.Compare(a.role, b.role))
	})
	return slices.Compact(found)
}

// writingRoles returns whether each role permits changes to pools.
func writingRoles(clusterRoles []rbacv1.ClusterRole, roles []rbacv1.Role) map[roleKey]bool {
	writing := map[roleKey]bool{}
	for _, role := range clusterRoles {
		writing[roleKey{name: role.Name}] = slices.ContainsFunc(role.Rules, writesPools)
	}
	for _, role := range roles {
		writing[roleKey{role.Namespace, role.Name}] = slices.ContainsFunc(role.Rules, writesPools)
	}
	return writing
}

// writesPools reports whether a rule names the API group of the pools and permits changes to them.
func writesPools(rule rbacv1.PolicyRule) bool {
	has := func(list []string, names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(list, name) })
	}
	return has(rule.APIGroups, ippool.Group) && has(rule.Resources, ippool.Resource, "*") && has(rule.Verbs, "patch", "update", "*")
}

func serviceAccountsOf(subjects []rbacv1.Subject, role string) []serviceAccount {
	var found []serviceAccount
	for _, s := range subjects {
		if s.Kind == rbacv1.ServiceAccountKind {
			found = append(found, serviceAccount{s.Namespace, s.Name, role})
		}
	}
	return found
}
