package bench

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"deals.example/internal/testkit"
)

// BenchmarkEnqueue measures POST /api/enrichment-jobs with 10,000 jobs on an empty queue.
func BenchmarkEnqueue(b *testing.B) {
	platform := testkit.NewPlatform(b, program, append(telemetry(b), "BASE_DEALS_CACHE_TTL=10m"), everysec())
	platform.Start(b, testkit.Upstreams())
	platform.Start(b, []string{"experience-api"})
	address := platform.URL(b, "experience-api") + "/api/enrichment-jobs"
	redis := platform.Redis.Client(b)
	mustCall(b, http.MethodPost, address, `{"count":1}`, http.StatusAccepted) // caches the page of the catalog
	const rounds = 5
	for b.Loop() {
		var took []float64
		for range rounds {
			require.NoError(b, redis.FlushDB(b.Context()).Err())
			start := time.Now()
			mustCall(b, http.MethodPost, address, `{"count":10000}`, http.StatusAccepted)
			took = append(took, time.Since(start).Seconds())
		}
		b.ReportMetric(median(took), "s/10k")
		results.add("POST /api/enrichment-jobs with 10,000", fmt.Sprintf("%.2f s", median(took)), "under 0.4 s")
	}
	b.ReportMetric(0, "ns/op")
}
