package environment

import (
	"os"
	"path/filepath"
)

// authentication makes the API server answer 401 to a request without credentials, as hardened clusters do, except on the path
// that envtest reads to find out whether the API server is ready. Its version is supported from Kubernetes 1.32 on.
const authentication = `
apiVersion: apiserver.config.k8s.io/v1beta1
kind: AuthenticationConfiguration
anonymous:
  enabled: true
  conditions: [{path: /healthz}]
`

// authenticate rejects anonymous requests.
func (p *ControlPlane) authenticate() error {
	config := filepath.Join(p.dir, "authentication.yaml")
	p.plane.ControlPlane.APIServer.Configure().Set("authentication-config", config)
	return os.WriteFile(config, []byte(authentication), 0o600)
}
