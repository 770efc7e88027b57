package oracle

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/k8snetworkplumbingwg/whereabouts/pkg/api/whereabouts.cni.cncf.io/v1alpha1"
	wbclient "github.com/k8snetworkplumbingwg/whereabouts/pkg/generated/clientset/versioned"
	wbtyped "github.com/k8snetworkplumbingwg/whereabouts/pkg/generated/clientset/versioned/typed/whereabouts.cni.cncf.io/v1alpha1"
	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

const namespace = "kube-system"

// server is an API server in memory for the code of Whereabouts. The embedded interfaces are nil: no other method is called.
type server struct {
	wbclient.Interface
	wbtyped.WhereaboutsV1alpha1Interface

	pools        map[string]*v1alpha1.IPPool
	slices       map[string]*v1alpha1.NodeSlicePool
	reservations map[string]*v1alpha1.OverlappingRangeIPReservation
	// admit, if it is set, is called before a pool is written; old is nil for a new pool.
	admit   func(object, old *v1alpha1.IPPool) error
	version int
}

func newServer(pools ...*v1alpha1.IPPool) *server {
	s := &server{
		pools:        map[string]*v1alpha1.IPPool{},
		slices:       map[string]*v1alpha1.NodeSlicePool{},
		reservations: map[string]*v1alpha1.OverlappingRangeIPReservation{},
	}
	for _, pool := range pools {
		s.store(pool.DeepCopy())
	}
	return s
}

// WhereaboutsV1alpha1 returns the server itself.
func (s *server) WhereaboutsV1alpha1() wbtyped.WhereaboutsV1alpha1Interface { return s }

// IPPools returns the pools; all are in one namespace.
func (s *server) IPPools(string) wbtyped.IPPoolInterface { return ippools{server: s} }

type ippools struct {
	wbtyped.IPPoolInterface
	*server
}

func (p ippools) Get(_ context.Context, name string, _ metav1.GetOptions) (*v1alpha1.IPPool, error) {
	pool, found := p.pools[name]
	if !found {
		return nil, apierrors.NewNotFound(v1alpha1.Resource("ippools"), name)
	}
	return pool.DeepCopy(), nil
}

func (p ippools) List(context.Context, metav1.ListOptions) (*v1alpha1.IPPoolList, error) {
	list := &v1alpha1.IPPoolList{}
	for _, pool := range p.pools {
		list.Items = append(list.Items, *pool.DeepCopy())
	}
	return list, nil
}

// Create accepts the names that a real API server accepts.
func (p ippools) Create(_ context.Context, pool *v1alpha1.IPPool, _ metav1.CreateOptions) (*v1alpha1.IPPool, error) {
	if len(validation.NameIsDNSSubdomain(pool.Name, false)) > 0 {
		return nil, apierrors.NewInvalid(v1alpha1.Kind("IPPool"), pool.Name, nil)
	}
	pool = pool.DeepCopy()
	pool.TypeMeta = metav1.TypeMeta{APIVersion: v1alpha1.SchemeGroupVersion.String(), Kind: "IPPool"}
	pool.Namespace = namespace
	return p.write(pool, nil)
}

func (p ippools) Patch(_ context.Context, name string, _ types.PatchType, data []byte, _ metav1.PatchOptions, _ ...string) (*v1alpha1.IPPool, error) {
	old := p.pools[name]
	patch, err := jsonpatch.DecodePatch(data)
	if err != nil {
		return nil, err
	}
	text, err := patch.Apply([]byte(encode(old)))
	if err != nil {
		return nil, apierrors.NewGenericServerResponse(http.StatusUnprocessableEntity, "patch", v1alpha1.Resource("ippools"), name, err.Error(), 0, false)
	}
	pool := &v1alpha1.IPPool{}
	if err := json.Unmarshal(text, pool); err != nil {
		return nil, err
	}
	return p.write(pool, old)
}

func (p ippools) write(pool, old *v1alpha1.IPPool) (*v1alpha1.IPPool, error) {
	if p.admit != nil {
		if err := p.admit(pool, old); err != nil {
			return nil, err
		}
	}
	p.store(pool)
	return pool.DeepCopy(), nil
}

func (s *server) store(pool *v1alpha1.IPPool) {
	s.version++
	pool.ResourceVersion = strconv.Itoa(s.version)
	s.pools[pool.Name] = pool
}
