package environment

import (
	"os"
	"path/filepath"
)

// authentication, in the version that API servers know from 1.32 on, makes the API server answer 401 to a request without credentials, as hardened clusters do, but for the
// path by which envtest learns that it is up.
const authentication = `
apiVersion: apiserver.config.k8s.io/v1beta1
kind: AuthenticationConfiguration
anonymous:
  enabled: true
  conditions: [{path: /healthz}]
`

// authenticate turns anonymous requests away.
func (p *ControlPlane) authenticate() error {
	config := filepath.Join(p.dir, "authentication.yaml")
	p.plane.ControlPlane.APIServer.Configure().Set("authentication-config", config)
	return os.WriteFile(config, []byte(authentication), 0o600)
}
