package cluster

import (
	"encoding/json"
	"net/netip"
)

// Network is the part of the configuration of a network that Whereabouts reads, with the names in its
// doc/extended-configuration.md.
type Network struct {
	Range             string    `json:"range,omitempty"`
	RangeStart        string    `json:"range_start,omitempty"`
	RangeEnd          string    `json:"range_end,omitempty"`
	Exclude           []string  `json:"exclude,omitempty"`
	Ranges            []Network `json:"ipRanges,omitempty"` // further ranges: the interface gets an address of each range
	NetworkName       string    `json:"network_name,omitempty"`
	NodeSliceSize     string    `json:"node_slice_size,omitempty"`
	OverlappingRanges *bool     `json:"enable_overlapping_ranges,omitempty"` // nil means true
	LeaderRetryPeriod int       `json:"leader_retry_period,omitempty"`       // retry period of the lease, in ms; 0 means 500
}

// Config returns the configuration as a container runtime passes it to the main plugin, which passes it to Whereabouts.
// flatFile is the path of the file with the settings of the node.
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

// Interface is one interface of the sandbox of a pod.
type Interface struct {
	Namespace, Pod string
	ContainerID    string // of the sandbox
	Name           string // in the sandbox
}

// PodRef returns the podref of the pod.
func (i Interface) PodRef() string { return i.Namespace + "/" + i.Pod }

// Allocation is an allocation of a pool with its address.
type Allocation struct {
	Address     netip.Addr
	ContainerID string
	PodRef      string
	IfName      string
}

// Of reports whether an interface owns the allocation.
func (a Allocation) Of(i Interface) bool {
	return a.ContainerID == i.ContainerID && a.PodRef == i.PodRef() && a.IfName == i.Name
}
