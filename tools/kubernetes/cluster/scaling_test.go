package main

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/platform"
	"deals.example/internal/testkit"
)

const (
	places      = "64" // jobs that a worker processes at a time: few, so that one worker is not enough
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

// testScaling enqueues 10,000 jobs while the worker is scaled by the age of the oldest job and its busy places, and then by its CPU.
func (c *cluster) testScaling(t *testing.T) {
	c.deals(t, "set", "env", "deployment/"+platform.EnrichmentWorker, "ENRICHMENT_WORKER_CONCURRENCY="+places, "ENRICHMENT_WORKER_LIMIT=static")
	c.fixWorkers(t, "1")
	c.deals(t, "patch", "scaledobject", platform.EnrichmentWorker, "--type=merge",
		`--patch={"metadata":{"annotations":{"autoscaling.keda.sh/paused-replicas":null}},"spec":{"minReplicaCount":1}}`)
	byAge := c.drain(t, "age, busy places and work")
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

// drained is what became of 10,000 jobs.
type drained struct {
	workers int     // at most
	oldest  float64 // seconds that a job waited at most
	took    time.Duration
}

// drain waits until no job is left, enqueues 10,000, and watches until they are done.
func (c *cluster) drain(t *testing.T, scaledBy string) (d drained) {
	t.Helper()
	prometheus := testkit.PrometheusAt(platform.URL(platform.Prometheus))
	c.await(t, "no job is left", func() bool { return value(t, prometheus, depth) == 0 })
	response, err := new(http.Client).Post(platform.URL(platform.ExperienceAPI)+"/api/enrichment-jobs", "application/json", strings.NewReader(`{"count":10000}`)) //nolint:noctx // it is answered at once
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusAccepted, response.StatusCode)
	began, seen := time.Now(), false
	c.await(t, "all jobs are done", func() bool {
		left := value(t, prometheus, depth)
		seen = seen || left > 0
		d.workers = max(d.workers, c.workers(t.Context()))
		d.oldest = max(d.oldest, value(t, prometheus, oldest))
		return seen && left == 0
	})
	d.took = time.Since(began)
	t.Logf("scaled by %s: %d workers at most, oldest job %.1f s, all done after %.0f s", scaledBy, d.workers, d.oldest, d.took.Seconds())
	return d
}

const (
	depth  = `max(experience_queue_depth{queue="enrichment-jobs"})`
	oldest = `max(experience_queue_oldest_job_age_seconds{queue="enrichment-jobs"})`
)

// value returns the result of a query, 0 without one.
func value(t *testing.T, prometheus *testkit.PrometheusServer, query string) float64 {
	t.Helper()
	var answer struct{ Result []struct{ Value [2]any } }
	require.NoError(t, prometheus.Get(context.WithoutCancel(t.Context()), "query", url.Values{"query": {query}}, &answer))
	if len(answer.Result) == 0 {
		return 0
	}
	text, _ := answer.Result[0].Value[1].(string)
	number, err := strconv.ParseFloat(text, 64)
	require.NoError(t, err)
	return number
}
