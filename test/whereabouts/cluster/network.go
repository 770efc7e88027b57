package cluster

import (
	"encoding/json"
	"net/netip"
)

// Network is the part of a network's configuration that Whereabouts reads, with the names of its
// doc/extended-configuration.md.
type Network struct {
	Range             string    `json:"range,omitempty"`
	RangeStart        string    `json:"range_start,omitempty"`
	RangeEnd          string    `json:"range_end,omitempty"`
	Exclude           []string  `json:"exclude,omitempty"`
	Ranges            []Network `json:"ipRanges,omitempty"` // further ones: an address of each
	NetworkName       string    `json:"network_name,omitempty"`
	NodeSliceSize     string    `json:"node_slice_size,omitempty"`
	OverlappingRanges *bool     `json:"enable_overlapping_ranges,omitempty"` // nil stands for true
	LeaderRetryPeriod int       `json:"leader_retry_period,omitempty"`       // of who waits for the lease, in ms; 0 stands for 500
}

// Config returns the configuration as a container runtime hands it to the main plugin, and that to Whereabouts. flatFile is
// the path of the file with the node's settings.
func (n Network) Config(flatFile string) ([]byte, error) {
	type ipam struct {
		Type              string `json:"type"`
		ConfigurationPath string `json:"configuration_path"`
		Network
	}
	return json.Marshal(map[string]any{
		"cniVersion": "1.0.0", "name": "secondary", "type": "macvlan", "master": "eth1",
		"ipam": ipam{Type: "whereabouts", ConfigurationPath: flatFile, Network: n},
	})
}

// Interface is one interface of a pod's sandbox.
type Interface struct {
	Namespace, Pod string
	ContainerID    string // of the sandbox
	Name           string // in the sandbox
}

// PodRef returns what Whereabouts calls the pod.
func (i Interface) PodRef() string { return i.Namespace + "/" + i.Pod }

// Record is an entry of a pool.
type Record struct {
	Address     netip.Addr
	ContainerID string
	PodRef      string
	IfName      string
}

// Of reports whether the record is of an interface.
func (r Record) Of(i Interface) bool {
	return r.ContainerID == i.ContainerID && r.PodRef == i.PodRef() && r.IfName == i.Name
}
