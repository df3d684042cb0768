package slodashboard_test

import (
	"net/http"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"deals.example/internal/testkit"
)

// BenchmarkPages runs fifty pages that poll all views every 2 s (docs/platform.md#indicators), with a Prometheus that holds a quarter of an hour.
// It reports the duration of a call, and the heap of dashboard and pages together.
func BenchmarkPages(b *testing.B) {
	const pages = 50
	dashboard := run(b, traffic().play(b).URL, map[string]string{"REDIS_URL": testkit.Redis(b).URL})
	calls := []string{"/api/sli?history=15m", "/api/slo", "/api/topology", "/api/scenarios", "/api/hybrid", "/api/queues"}
	var mu sync.Mutex
	var took []time.Duration
	poll := func() {
		for _, path := range calls {
			start := time.Now()
			answer, err := dashboard.Try(b.Context(), http.MethodGet, path, "", nil)
			if err != nil || answer.Status != http.StatusOK {
				b.Errorf("%s: %d %v", path, answer.Status, err)
				return
			}
			mu.Lock()
			took = append(took, time.Since(start))
			mu.Unlock()
		}
	}
	poll() // warm
	took = nil
	for b.Loop() {
		var open sync.WaitGroup
		next := time.NewTimer(2 * time.Second)
		for page := range pages {
			open.Go(func() {
				<-time.After(time.Duration(page) * 2 * time.Second / pages) // pages are not opened at once
				poll()
			})
		}
		open.Wait()
		<-next.C
	}
	slices.Sort(took)
	for name, q := range map[string]int{"p50-ms": 50, "p95-ms": 95, "p99-ms": 99} {
		b.ReportMetric(float64(took[len(took)*q/100].Microseconds())/1000, name)
	}
	var memory runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&memory)
	b.ReportMetric(float64(memory.HeapAlloc)/(1<<20), "heap-MB")
}
