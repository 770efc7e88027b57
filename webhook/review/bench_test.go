package review_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"ippool-webhook/webhook/admissiontest"
	"ippool-webhook/webhook/review"
)

func BenchmarkDecode(b *testing.B) {
	for _, n := range []int{16, 254, 8000} {
		old := admissiontest.NewPool(n)
		pool := old.Clone()
		delete(pool.Spec.Allocations, "1")
		body := admissiontest.Body(admissiontest.NewReview("UPDATE", pool, old))
		b.Run(fmt.Sprintf("ours/%d", n), func(b *testing.B) {
			var q review.Request
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if err := q.Decode(body); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("tokens/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			var dec jsontext.Decoder
			for b.Loop() {
				dec.Reset(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true))
				for {
					if _, err := dec.ReadToken(); err == io.EOF {
						break
					} else if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
