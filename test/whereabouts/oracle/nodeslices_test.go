package oracle

import (
	"context"

	"github.com/k8snetworkplumbingwg/whereabouts/pkg/api/whereabouts.cni.cncf.io/v1alpha1"
	wbtyped "github.com/k8snetworkplumbingwg/whereabouts/pkg/generated/clientset/versioned/typed/whereabouts.cni.cncf.io/v1alpha1"
	"github.com/k8snetworkplumbingwg/whereabouts/pkg/iphelpers"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// NodeSlicePools returns the objects that list the part of a range of each node.
func (s *server) NodeSlicePools(string) wbtyped.NodeSlicePoolInterface { return nodeslices{server: s} }

type nodeslices struct {
	wbtyped.NodeSlicePoolInterface
	*server
}

func (n nodeslices) Get(_ context.Context, name string, _ metav1.GetOptions) (*v1alpha1.NodeSlicePool, error) {
	slice, found := n.slices[name]
	if !found {
		return nil, apierrors.NewNotFound(v1alpha1.Resource("nodeslicepools"), name)
	}
	return slice.DeepCopy(), nil
}

// slice gives the nodes their parts of a range, as the node controller of Whereabouts does.
func (s *server) slice(name, ipRange, size string, nodes []string) error {
	parts, err := iphelpers.DivideRangeBySize(ipRange, size)
	if err != nil {
		return err
	}
	pool := &v1alpha1.NodeSlicePool{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace}}
	for i, part := range parts {
		allocation := v1alpha1.NodeSliceAllocation{SliceRange: part}
		if i < len(nodes) {
			allocation.NodeName = nodes[i]
		}
		pool.Status.Allocations = append(pool.Status.Allocations, allocation)
	}
	s.slices[name] = pool
	return nil
}
