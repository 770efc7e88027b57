package oracle

import (
	"context"

	"github.com/k8snetworkplumbingwg/whereabouts/pkg/api/whereabouts.cni.cncf.io/v1alpha1"
	wbtyped "github.com/k8snetworkplumbingwg/whereabouts/pkg/generated/clientset/versioned/typed/whereabouts.cni.cncf.io/v1alpha1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// OverlappingRangeIPReservations returns the reservations. With them, Whereabouts prevents that two pools assign the same
// address.
func (s *server) OverlappingRangeIPReservations(string) wbtyped.OverlappingRangeIPReservationInterface {
	return reservations{server: s}
}

type reservations struct {
	wbtyped.OverlappingRangeIPReservationInterface
	*server
}

func (v reservations) Get(_ context.Context, name string, _ metav1.GetOptions) (*v1alpha1.OverlappingRangeIPReservation, error) {
	reservation, found := v.reservations[name]
	if !found {
		return nil, v.notFound(name)
	}
	return reservation.DeepCopy(), nil
}

func (v reservations) List(context.Context, metav1.ListOptions) (*v1alpha1.OverlappingRangeIPReservationList, error) {
	list := &v1alpha1.OverlappingRangeIPReservationList{}
	for _, reservation := range v.reservations {
		list.Items = append(list.Items, *reservation.DeepCopy())
	}
	return list, nil
}

func (v reservations) Create(_ context.Context, reservation *v1alpha1.OverlappingRangeIPReservation, _ metav1.CreateOptions) (*v1alpha1.OverlappingRangeIPReservation, error) {
	if _, found := v.reservations[reservation.Name]; found {
		return nil, apierrors.NewAlreadyExists(v1alpha1.Resource("overlappingrangeipreservations"), reservation.Name)
	}
	v.reservations[reservation.Name] = reservation.DeepCopy()
	return reservation, nil
}

func (v reservations) Delete(_ context.Context, name string, _ metav1.DeleteOptions) error {
	if _, found := v.reservations[name]; !found {
		return v.notFound(name)
	}
	delete(v.reservations, name)
	return nil
}

func (v reservations) notFound(name string) error {
	return apierrors.NewNotFound(v1alpha1.Resource("overlappingrangeipreservations"), name)
}
