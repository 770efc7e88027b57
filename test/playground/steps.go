package main

// step is something to try.
type step struct {
	expectation string // one line
	command     string // for a shell, without blank lines
}

// steps returns what to try, in this order: the edit is one of the pool that the first step creates.
func steps() []step {
	return []step{
		{"A good pool, as Whereabouts keeps one for each range: offsets from the range's address, and whose they are. It is created.",
			create("10.0.0.0-24", `
  range: 10.0.0.0/24
  allocations:
    "1": {id: 1f0c6a, podref: default/web-0, ifname: net1}
    "2": {id: 7d3b52, podref: default/web-1, ifname: net1}`)},
		{"A range that is none. It is denied: Whereabouts' clean-up would stop at it, for every pool of the cluster.",
			create("10.1.0.0-33", `
  range: 10.1.0.0/33
  allocations: {}`)},
		{"An offset past the range, and a pod without a namespace. It is denied, and both are said at once.",
			create("10.2.0.0-28", `
  range: 10.2.0.0/28
  allocations:
    "16": {id: 1f0c6a, podref: default/web-0, ifname: net1}
    "3": {id: 7d3b52, podref: web-1, ifname: net1}`)},
		{"Two pods for one address. It is denied: Whereabouts would lose one of the entries at its next write.",
			create("10.3.0.0-24", `
  range: 10.3.0.0/24
  allocations:
    "5": {id: 1f0c6a, podref: default/web-0, ifname: net1}
    "05": {id: 7d3b52, podref: default/web-1, ifname: net1}`)},
		{"An edit that gives the address of a pod to another one. It is denied as long as the first one's entry is there.",
			`kubectl patch ippool 10.0.0.0-24 --type merge -p '{"spec": {"allocations": {"1": {"podref": "default/web-9"}}}}'`},
	}
}

// create returns the command that creates a pool.
func create(name, spec string) string {
	return `kubectl create -f - <<EOF
apiVersion: whereabouts.cni.cncf.io/v1alpha1
kind: IPPool
metadata: {name: ` + name + `}
spec:` + spec + `
EOF`
}
