package oracle

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"path/filepath"
	"slices"

	"github.com/k8snetworkplumbingwg/whereabouts/pkg/config"
	"github.com/k8snetworkplumbingwg/whereabouts/pkg/reconciler"
	"github.com/k8snetworkplumbingwg/whereabouts/pkg/storage/kubernetes"
	wbtypes "github.com/k8snetworkplumbingwg/whereabouts/pkg/types"
)

const podNamespace = "default"

// history is a series of events of the pods of a network. The code of Whereabouts reacts to each event.
type history struct {
	r       *rand.Rand
	server  *server
	network network
	// nodes are directories with the configuration that the installation of Whereabouts writes on each node.
	nodes    []string
	live     []*pod
	made     int
	cleaning bool
}

// prepare gives the nodes their parts of the range if the network requires it.
func (h *history) prepare() error {
	if h.network.NodeSliceSize == "" {
		return nil
	}
	conf, err := h.load(h.newPod())
	if err != nil {
		return err
	}
	var names []string
	for _, node := range h.nodes {
		names = append(names, filepath.Base(node))
	}
	name := cmp.Or(conf.NetworkName, conf.Name)
	return h.server.slice(name, conf.IPRanges[0].Range, conf.NodeSliceSize, names)
}

// event runs one random event. It is no error if a pod gets no address, because the range can be too small.
func (h *history) event() error {
	switch n := h.r.IntN(12); {
	case n < 5 || len(h.live) == 0:
		h.start(h.newPod())
	case n < 7:
		h.stop(pick(h.r, h.live...))
	case n < 8:
		h.lose(pick(h.r, h.nodes...))
	case n < 9:
		p := pick(h.r, h.live...) // as in a StatefulSet: the next pod has the same name
		h.stop(p)
		h.restart(p)
	case n < 10:
		h.restart(pick(h.r, h.live...))
	case n < 11:
		h.start(pick(h.r, h.live...)) // a container runtime can repeat an ADD
	default:
		return h.cleanUp()
	}
	return nil
}

func (h *history) newPod() *pod {
	h.made++
	p := &pod{name: fmt.Sprintf("web-%d", h.made), node: pick(h.r, h.nodes...), sandbox: h.newSandbox(), ifnames: []string{"net1"}}
	if oneIn(h.r, 12) {
		p.ifnames = append(p.ifnames, "net2")
	}
	return p
}

func (h *history) newSandbox() string { return fmt.Sprintf("%016x%048x", h.r.Uint64(), h.r.Uint64()) }

// start assigns addresses to a pod. A pod that does not get all of them is stopped.
func (h *history) start(p *pod) {
	p.addresses = nil
	for _, ifname := range p.ifnames {
		got, err := h.command(wbtypes.Allocate, p, ifname)
		if err != nil {
			h.stop(p)
			return
		}
		for _, address := range got {
			p.addresses = append(p.addresses, address.IP.String())
		}
	}
	if !slices.Contains(h.live, p) {
		h.live = append(h.live, p)
	}
}

// stop ends a pod with a DEL.
func (h *history) stop(p *pod) {
	for _, ifname := range p.ifnames {
		_, _ = h.command(wbtypes.Deallocate, p, ifname) // a DEL of the plugin reports no error either
	}
	h.live = slices.DeleteFunc(h.live, func(other *pod) bool { return other == p })
}

// restart gives a pod a new sandbox, with or without a DEL for the old one.
func (h *history) restart(p *pod) {
	p.sandbox = h.newSandbox()
	h.start(p)
}

// lose ends the pods of a lost node without a DEL.
func (h *history) lose(node string) {
	h.live = slices.DeleteFunc(h.live, func(p *pod) bool { return p.node == node })
}

// command does the same as the plugin when it is called for an interface of a pod.
func (h *history) command(mode int, p *pod, ifname string) ([]net.IPNet, error) {
	conf, err := h.load(p)
	if err != nil {
		return nil, err
	}
	ipam := &kubernetes.KubernetesIPAM{
		Client: *kubernetes.NewKubernetesClient(h.server, nil), Config: *conf, Namespace: namespace,
		ContainerID: p.sandbox, IfName: ifname,
	}
	return kubernetes.IPManagementKubernetesUpdate(context.Background(), mode, ipam, *conf)
}

// load reads the configuration as the plugin does on the node of the pod.
func (h *history) load(p *pod) (*wbtypes.IPAMConfig, error) {
	text, err := h.network.config()
	if err != nil {
		return nil, err
	}
	args := fmt.Sprintf("K8S_POD_NAMESPACE=%s;K8S_POD_NAME=%s", podNamespace, p.name)
	conf, _, err := config.LoadIPAMConfig(text, args, filepath.Join(p.node, "whereabouts.conf"))
	return conf, err
}

// cleanUp does the same as the reconciler of Whereabouts: it releases the addresses of pods that do not exist.
func (h *history) cleanUp() error {
	client := kubernetes.NewKubernetesClient(h.server, podServer{live: h.live})
	looper, err := reconciler.NewReconcileLooperWithClient(client)
	if err != nil {
		return err
	}
	h.cleaning = true
	defer func() { h.cleaning = false }()
	if _, err := looper.ReconcileIPPools(); err != nil {
		return err
	}
	return looper.ReconcileOverlappingIPAddresses()
}
