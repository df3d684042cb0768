package queue_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/queue"
)

// sample runs the client until the test ends.
func sample(t *testing.T, client *queue.Client) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- client.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
	})
}

func TestGauges(t *testing.T) {
	b := newBed(t)
	client := b.client(t)
	_, err := client.EnqueueEnrichment(t.Context(), jobs(12))
	require.NoError(t, err)
	work(t, b, queue.ServerConfig{}, func(context.Context, queue.PurchaseJob) error {
		return queue.Permanent(errors.New("no"))
	})
	require.NoError(t, client.EnqueuePurchase(t.Context(), newPurchase()))
	eventually(t, func() bool { return depth(t, client, queue.Critical) == 0 }, "the purchase is dead")
	sample(t, client)

	const want = `
# HELP experience_queue_depth Unfinished jobs: pending, active, scheduled, waiting for a retry or aggregating.
# TYPE experience_queue_depth gauge
experience_queue_depth{queue="critical-jobs"} 0
experience_queue_depth{queue="enrichment-jobs"} 12
# HELP experience_queue_dlq_depth Dead jobs in the DLQ.
# TYPE experience_queue_dlq_depth gauge
experience_queue_dlq_depth{queue="critical-jobs"} 1
experience_queue_dlq_depth{queue="enrichment-jobs"} 0
`
	eventually(t, func() bool {
		return testutil.GatherAndCompare(b.registry, strings.NewReader(want), "experience_queue_depth", "experience_queue_dlq_depth") == nil
	}, "depths are exported")
	eventually(t, func() bool { return oldest(t, b) > 1 }, "the oldest job ages")
}

func oldest(t *testing.T, b *bed) float64 {
	t.Helper()
	families, err := b.registry.Gather()
	require.NoError(t, err)
	for _, family := range families {
		if family.GetName() != "experience_queue_oldest_job_age_seconds" {
			continue
		}
		for _, metric := range family.GetMetric() {
			if metric.GetLabel()[0].GetValue() == queue.Enrichment {
				return metric.GetGauge().GetValue()
			}
		}
	}
	return -1
}

func TestGaugesAreAbsentWithoutRedis(t *testing.T) {
	b := newBed(t)
	client := b.client(t)
	sample(t, client)
	eventually(t, func() bool { return oldest(t, b) == 0 }, "gauges are exported")
	b.server.Kill(t)
	eventually(t, func() bool {
		count, err := testutil.GatherAndCount(b.registry,
			"experience_queue_depth", "experience_queue_dlq_depth", "experience_queue_oldest_job_age_seconds")
		return err == nil && count == 0
	}, "gauges are absent")
	b.server.Restart(t)
	eventually(t, func() bool { return oldest(t, b) == 0 }, "gauges are back")
}

func TestRetryAfter(t *testing.T) {
	b := newBed(t)
	b.deps.Threshold = 10
	client := b.client(t)
	overloaded := func() *queue.Overloaded {
		_, err := client.Admit(t.Context(), 1)
		var overloaded *queue.Overloaded
		require.ErrorAs(t, err, &overloaded)
		return overloaded
	}
	_, err := client.EnqueueEnrichment(t.Context(), jobs(3000))
	require.NoError(t, err)
	assert.Equal(t, time.Second, overloaded().RetryAfter, "the drain rate is unknown")

	sample(t, client)
	eventually(t, func() bool { return overloaded().RetryAfter == time.Minute }, "the drain rate is 0")

	work(t, b, queue.ServerConfig{Concurrency: 1}, func(ctx context.Context, _ queue.EnrichJob) error {
		pause(ctx, 50*time.Millisecond)
		return nil
	})
	eventually(t, func() bool {
		wait := overloaded().RetryAfter
		return wait > 100*time.Second && wait < time.Hour
	}, "3000 jobs at less than 20 per second")
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
