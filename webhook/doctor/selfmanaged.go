package doctor

// selfManaged reports whether the replicas make the certificate themselves: the Secret has the key of a CA, which
// cert-manager's has not, or is still empty, and no Certificate would fill it.
func (c *cluster) selfManaged() bool {
	if c.secret.err != nil || c.secret.value == nil || len(c.certificates.value) > 0 {
		return false
	}
	_, hasKey := c.secret.value.Data["ca.key"]
	return hasKey || len(c.secret.value.Data) == 0
}

// askReplicas is the remedy where the replicas have not written what they should have.
func (c *cluster) askReplicas() string {
	return "the replicas write it: kubectl -n " + c.service.namespace +
		" logs deployment/ippool-webhook says why they do not; their rights are in manifests/overlays/self-managed/rbac.yaml"
}

// awaitReplicas is the remedy where the replicas do not serve what the Secret holds.
func (c *cluster) awaitReplicas() string {
	if c.selfManaged() {
		return "wait ten seconds; then see what the replicas say: kubectl -n " + c.service.namespace + " logs deployment/ippool-webhook"
	}
	return "wait two minutes for the kubelet to bring the Secret into the pod, then restart the pod"
}
