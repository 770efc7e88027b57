package bodies

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"sort"
	"syscall"
	"testing"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"ippool-webhook/webhook/admission"
	"ippool-webhook/webhook/policy"
	"ippool-webhook/webhook/server"
)

func cpu() time.Duration {
	var r syscall.Rusage
	syscall.Getrusage(0, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

func TestScratch(t *testing.T) {
	j, _ := admission.NewJudge(policy.Default())
	v, _, _ := server.Handlers(j, prometheus.NewRegistry(), zap.New(zap.WriteTo(io.Discard)))
	size := 7 << 20
	measure := func(h http.Handler, body []byte) (time.Duration, uint64, int) {
		best := time.Hour
		var alloc uint64
		code := 0
		for range 1 {
			runtime.GC()
			var a, b runtime.MemStats
			runtime.ReadMemStats(&a)
			s := cpu()
			r := httptest.NewRequest("POST", "/", bytes.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			code = w.Code
			if d := cpu() - s; d < best {
				best = d
			}
			runtime.ReadMemStats(&b)
			alloc = b.TotalAlloc - a.TotalAlloc
		}
		return best, alloc, code
	}
	type res struct {
		name string
		d    time.Duration
		a    uint64
		c    int
	}
	var all []res
	for _, k := range Kinds() {
		if f := os.Getenv("ONLY"); f != "" && f != k.Name {
			continue
		}
		for _, q := range k.Requests() {
			body := k.Body(size, q)
			for n, h := range map[string]http.Handler{"validate": v} {
				d, a, c := measure(h, body)
				all = append(all, res{fmt.Sprintf("%s %s %s", k.Name, q, n), d, a, c})
			}
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].d < all[j].d })
	for _, r := range all[max(0, len(all)-60):] {
		fmt.Printf("%8.1f ms %6d MiB %d %s\n", float64(r.d.Microseconds())/1000, r.a>>20, r.c, r.name)
	}
	for _, op := range []string{"CREATE", "UPDATE"} {
		d, a, c := measure(v, Healthy(size, op))
		fmt.Printf("healthy %s %8.1f ms %d MiB %d\n", op, float64(d.Microseconds())/1000, a>>20, c)
	}
}
