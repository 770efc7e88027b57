package admission

import (
	"fmt"
	"net/http"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"ippool-webhook/webhook/ippool"
	"ippool-webhook/webhook/review"
)

// checkRequest returns an error if a request is not about an IPPool.
func checkRequest(q *review.Request) error {
	if q.Group != ippool.Group || q.Version != ippool.Version || q.Kind != ippool.Kind {
		return fmt.Errorf("request.kind is %.64q of %.64q in version %.64q: must be %q of %q in version %q",
			q.Kind, q.Group, q.Version, ippool.Kind, ippool.Group, ippool.Version)
	}
	switch q.Operation {
	case review.Create:
		return checkObject("request.object", &q.Object)
	case review.Update:
		if err := checkObject("request.object", &q.Object); err != nil {
			return err
		}
		return checkObject("request.oldObject", &q.OldObject)
	case review.Delete:
		return checkObject("request.oldObject", &q.OldObject)
	default:
		return fmt.Errorf("request.operation is %.64q: must be %s, %s or %s", q.Operation, review.Create, review.Update, review.Delete)
	}
}

// checkObject returns an error if an object is not an IPPool.
func checkObject(path string, p *ippool.Pool) error {
	if !p.Present {
		return fmt.Errorf("%s is absent: must be an %s", path, ippool.Kind)
	}
	if p.WrongRoot != "" {
		return fmt.Errorf("%s must be an object, not %s", path, p.WrongRoot)
	}
	if want := ippool.Group + "/" + ippool.Version; p.APIVersion != want || p.Kind != ippool.Kind {
		return fmt.Errorf("%s is %.64q of %.64q: must be %q of %q", path, p.Kind, p.APIVersion, ippool.Kind, want)
	}
	return nil
}

// checkSize returns the status for a request about a pool that has more allocations than are decoded, or nil. A pool can
// always be deleted.
func checkSize(q *review.Request) *review.Status {
	if q.Operation == review.Delete || !q.Object.Overfull && !q.OldObject.Overfull {
		return nil
	}
	return &review.Status{
		Code:   http.StatusRequestEntityTooLarge,
		Reason: string(metav1.StatusReasonRequestEntityTooLarge),
		Message: fmt.Sprintf("spec.allocations: Too many: %d: must have at most %d items to be validated; remove allocations",
			max(q.Object.Items, q.OldObject.Items), ippool.MaxAllocations),
	}
}

// shrinks reports whether an update leaves fewer allocations, which is always allowed.
func shrinks(q *review.Request) bool {
	return q.Operation == review.Update && q.Object.Items < q.OldObject.Items
}

// badRequest returns the status for a request that is not about an IPPool.
func badRequest(err error) review.Status {
	return review.Status{Code: http.StatusBadRequest, Reason: reasonBadRequest, Message: err.Error()}
}
