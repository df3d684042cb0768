package bench

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"

	"deals.example/internal/queue"
	"deals.example/internal/testkit"
)

// BenchmarkEnqueue measures POST /api/enrichment-jobs with 10,000 jobs on an empty queue.
func BenchmarkEnqueue(b *testing.B) {
	platform := testkit.NewPlatform(b, program, telemetry(b), everysec())
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
		results.add("POST /api/enrichment-jobs with 10,000", fmt.Sprintf("%.2f s", median(took)), "0.3 s, better 0.2")
	}
	b.ReportMetric(0, "ns/op")
}

const (
	visitorRate  = 50 // details a second
	visitorRound = 8 * time.Second
)

// BenchmarkBatch measures how long the worker takes for 10,000 enrichment jobs, with the settings that a user gets, and what visitors who read
// details feel of them.
func BenchmarkBatch(b *testing.B) {
	platform := testkit.NewPlatform(b, program, telemetry(b), everysec())
	platform.Start(b, testkit.Upstreams())
	platform.Start(b, []string{"experience-api", "enrichment-worker"})
	api := platform.URL(b, "experience-api")
	jobs := asynq.NewInspectorFromRedisClient(platform.Redis.Client(b))
	const rounds = 3
	for b.Loop() {
		var took, before, beside []float64
		visit := func() float64 {
			return ms(driveAt(b, api+"/api/deals/d-%25d", detailConnections, visitorRate, visitorRound).quantile(0.95))
		}
		visit() // fills the caches
		for range rounds {
			before = append(before, visit())
			mustCall(b, http.MethodPost, api+"/api/enrichment-jobs", `{"count":10000}`, http.StatusAccepted)
			beside = append(beside, visit())
			require.Positive(b, unfinished(b, jobs, queue.Enrichment), "jobs wait to the end of the visit")
			for unfinished(b, jobs, queue.Enrichment) > 0 {
				<-time.After(20 * time.Millisecond)
			}
		}
		results.add(fmt.Sprintf("detail p95 at %d a second beside 10,000 jobs, against without them", visitorRate),
			fmt.Sprintf("%.0f of %.0f ms = %.2f", median(beside), median(before), median(beside)/median(before)), "at most 1.2")
		for range rounds {
			start := time.Now()
			mustCall(b, http.MethodPost, api+"/api/enrichment-jobs", `{"count":10000}`, http.StatusAccepted)
			for unfinished(b, jobs, queue.Enrichment) > 0 {
				<-time.After(20 * time.Millisecond)
			}
			took = append(took, time.Since(start).Seconds())
		}
		b.ReportMetric(median(took), "s/10k")
		results.add("10,000 enrichment jobs until the queue is empty, retries included", fmt.Sprintf("%.1f s", median(took)), "25 s, better 15")
	}
	b.ReportMetric(0, "ns/op")
}

// unfinished returns the number of jobs of a queue that are neither completed nor dead.
func unfinished(b *testing.B, jobs *asynq.Inspector, of string) int {
	b.Helper()
	info, err := jobs.GetQueueInfo(of)
	require.NoError(b, err)
	return info.Pending + info.Active + info.Scheduled + info.Retry
}
