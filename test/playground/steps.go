package main

// step is a command to try.
type step struct {
	expectation string // one line
	command     string // for a shell, without blank lines
}

// steps returns the commands to try, in this order: the last one edits the pool that the first one creates.
func steps() []step {
	return []step{
		{"Create a valid pool. Its keys are offsets from the address of the range, its values the pods that have these addresses.",
			create("10.0.0.0-24", `
  range: 10.0.0.0/24
  allocations:
    "1": {id: 1f0c6a, podref: default/web-0, ifname: net1}
    "2": {id: 7d3b52, podref: default/web-1, ifname: net1}`)},
		{"Create a pool with a malformed range. It is denied: the clean-up of Whereabouts would stop at it, for all pools of the cluster.",
			create("10.1.0.0-33", `
  range: 10.1.0.0/33
  allocations: {}`)},
		{"Create a pool with an offset past the range and a pod without a namespace. It is denied, and both findings are reported.",
			create("10.2.0.0-28", `
  range: 10.2.0.0/28
  allocations:
    "16": {id: 1f0c6a, podref: default/web-0, ifname: net1}
    "3": {id: 7d3b52, podref: web-1, ifname: net1}`)},
		{"Create a pool with two pods for one address. It is denied: Whereabouts would lose one of the allocations with its next write.",
			create("10.3.0.0-24", `
  range: 10.3.0.0/24
  allocations:
    "5": {id: 1f0c6a, podref: default/web-0, ifname: net1}
    "05": {id: 7d3b52, podref: default/web-1, ifname: net1}`)},
		{"Assign the address of a pod to another pod. It is denied: both pods would use the address.",
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
