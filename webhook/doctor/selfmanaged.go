package doctor

// caKey is the key of the Secret under which the replicas store the private key of their CA. A Secret of cert-manager does not have
// this key.
const caKey = "ca.key"

// selfManaged reports whether the replicas issue their certificate. It is true if there is no Certificate, and the Secret is empty or
// contains the private key of a CA.
func (c *cluster) selfManaged() bool {
	if c.secret.err != nil || c.secret.value == nil || len(c.certificates.value) > 0 {
		return false
	}
	_, hasKey := c.secret.value.Data[caKey]
	return hasKey || len(c.secret.value.Data) == 0
}
