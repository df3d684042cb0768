package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/platform"
	"deals.example/internal/testkit"
)

const (
	burst       = 2000 // jobs: 10,000 keep two processors busy for 20 s, however many workers share them
	places      = "8"  // jobs that a worker processes at a time: few, so that one worker is not enough
	oldestBound = 20.0 // seconds: the objective of job freshness
)

// byCPU scales the enrichment worker by its CPU, as one would scale an API.
const byCPU = `{
  "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "by-cpu"},
  "spec": {
    "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "enrichment-worker"}, "minReplicas": 1, "maxReplicas": 8,
    "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "AverageValue", "averageValue": "500m"}}}],
    "behavior": {"scaleUp": {"policies": [{"type": "Pods", "value": 8, "periodSeconds": 15}]}}
  }
}`

// testScaling enqueues a burst of jobs while the worker is scaled by its queue, and then by its CPU.
func (c *cluster) testScaling(t *testing.T) {
	c.deals(t, "set", "env", "deployment/"+platform.EnrichmentWorker, "ENRICHMENT_WORKER_CONCURRENCY="+places, "ENRICHMENT_WORKER_LIMIT=static")
	c.fixWorkers(t, "1")
	c.available(t)
	c.deals(t, "patch", "scaledobject", platform.EnrichmentWorker, "--type=merge",
		`--patch={"metadata":{"annotations":{"autoscaling.keda.sh/paused-replicas":null}},"spec":{"minReplicaCount":1}}`)
	byAge := c.drain(t, "age, busy places and the work that waits")
	c.deals(t, "delete", "scaledobject", platform.EnrichmentWorker)
	c.deals(t, "scale", "deployment/"+platform.EnrichmentWorker, "--replicas=1")
	c.awaitWorkers(t, "1")
	_, err := c.output(t.Context(), byCPU, "--namespace=deals", "apply", "--filename=-")
	require.NoError(t, err)
	byItsCPU := c.drain(t, "CPU")
	assert.LessOrEqual(t, byAge.oldest, oldestBound)
	assert.Greater(t, byItsCPU.oldest, oldestBound, "the worker waits for the services, which takes no CPU")
	assert.Greater(t, byAge.workers, byItsCPU.workers)
}

// drained is what became of a burst.
type drained struct {
	workers int     // at most
	oldest  float64 // seconds that a job waited at most
	took    time.Duration
}

// drain waits until no job is left, enqueues a burst, and watches until it is done.
func (c *cluster) drain(t *testing.T, scaledBy string) (d drained) {
	t.Helper()
	prometheus := testkit.PrometheusAt(platform.URL(platform.Prometheus))
	none := func() bool {
		left, known := value(t, prometheus, depth)
		return known && left == 0
	}
	c.pods(t, platform.EnrichmentWorker, 1) // one that ends may process jobs
	c.await(t, "no job is left", none)
	api := testkit.ClientOf(platform.URL(platform.ExperienceAPI))
	answer := api.Post(t, "/api/enrichment-jobs", fmt.Sprintf(`{"count":%d}`, burst))
	require.Equal(t, http.StatusAccepted, answer.Status, answer.Body)
	began, seen := time.Now(), false
	c.await(t, "all jobs are done", func() bool {
		seen = seen || !none()
		workers := c.workers(t.Context())
		age, _ := value(t, prometheus, oldest)
		left, _ := value(t, prometheus, depth)
		t.Logf("%3.0f s: %d workers, %.0f jobs, the oldest %.1f s", time.Since(began).Seconds(), workers, left, age)
		d.workers, d.oldest = max(d.workers, workers), max(d.oldest, age)
		return seen && none()
	})
	d.took = time.Since(began)
	t.Logf("scaled by %s: %d workers at most, oldest job %.1f s, all done after %.0f s", scaledBy, d.workers, d.oldest, d.took.Seconds())
	return d
}

const (
	depth  = `max(experience_queue_depth{queue="enrichment-jobs"})`
	oldest = `max(experience_queue_oldest_job_age_seconds{queue="enrichment-jobs"})`
)

// value returns the result of a query, if there is one.
func value(t *testing.T, prometheus *testkit.PrometheusServer, query string) (number float64, known bool) {
	t.Helper()
	var answer struct{ Result []struct{ Value [2]any } }
	require.NoError(t, prometheus.Get(context.WithoutCancel(t.Context()), "query", url.Values{"query": {query}}, &answer))
	if len(answer.Result) == 0 {
		return 0, false
	}
	text, _ := answer.Result[0].Value[1].(string)
	number, err := strconv.ParseFloat(text, 64)
	require.NoError(t, err)
	return number, true
}
