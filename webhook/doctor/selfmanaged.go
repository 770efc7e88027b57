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
