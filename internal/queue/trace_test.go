package queue_test

import (
	"context"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"deals.example/internal/correlation"
	"deals.example/internal/queue"
)

func TestAttemptsContinueTheTrace(t *testing.T) {
	b := newBed(t)
	var a attempts
	var correlations sync.Map
	work(t, b, queue.ServerConfig{}, func(ctx context.Context, _ queue.PurchaseJob) error {
		correlations.Store(correlation.FromContext(ctx), true)
		return queue.Step(ctx, "fraud-check", func(context.Context) error {
			if a.note() < 3 {
				return errTest
			}
			return nil
		})
	})
	ctx, request := b.deps.Tracers.Tracer("test").Start(correlation.NewContext(t.Context(), "caller-1"), "request")
	require.NoError(t, b.client(t).EnqueuePurchase(ctx, newPurchase()))
	request.End()
	eventually(t, func() bool { return len(spansNamed(b, "process critical-jobs")) == 3 }, "three attempts")

	producer := spansNamed(b, "enqueue critical-jobs")[0]
	for _, name := range []string{"enqueue critical-jobs", "process critical-jobs", "fraud-check"} {
		for _, span := range spansNamed(b, name) {
			assert.Equal(t, request.SpanContext().TraceID(), span.SpanContext.TraceID(), name)
		}
	}
	for _, span := range spansNamed(b, "process critical-jobs") {
		assert.Equal(t, producer.SpanContext.SpanID(), span.Parent.SpanID())
		assert.Equal(t, trace.SpanKindConsumer, span.SpanKind)
	}
	_, seen := correlations.Load("caller-1")
	assert.True(t, seen)
	count, err := testutil.GatherAndCount(b.registry, "worker_step_duration_seconds")
	require.NoError(t, err)
	assert.Equal(t, 2, count, "outcomes failed and completed")
}

func spansNamed(b *bed, name string) []tracetest.SpanStub {
	var spans []tracetest.SpanStub
	for _, span := range b.spans.GetSpans() {
		if span.Name == name {
			spans = append(spans, span)
		}
	}
	return spans
}

func TestLargeBatchesStartNewTraces(t *testing.T) {
	b := newBed(t)
	work(t, b, queue.ServerConfig{}, func(context.Context, queue.EnrichJob) error { return nil })
	_, err := b.client(t).EnqueueEnrichment(t.Context(), jobs(101))
	require.NoError(t, err)
	eventually(t, func() bool { return len(spansNamed(b, "process enrichment-jobs")) == 101 }, "all jobs are completed")
	batch := spansNamed(b, "enqueue enrichment-jobs")[0].SpanContext
	for _, span := range spansNamed(b, "process enrichment-jobs") {
		assert.NotEqual(t, batch.TraceID(), span.SpanContext.TraceID())
		require.Len(t, span.Links, 1)
		assert.Equal(t, batch.SpanID(), span.Links[0].SpanContext.SpanID())
	}
}

func TestHistogramsHaveClassicAndNativeBucketsAndExemplars(t *testing.T) {
	b := newBed(t)
	work(t, b, queue.ServerConfig{}, func(context.Context, queue.EnrichJob) error { return nil })
	_, err := b.client(t).EnqueueEnrichment(t.Context(), jobs(3))
	require.NoError(t, err)
	eventually(t, func() bool { return len(spansNamed(b, "process enrichment-jobs")) == 3 }, "all jobs are completed")
	families, err := b.registry.Gather()
	require.NoError(t, err)
	seen := 0
	for _, family := range families {
		if name := family.GetName(); name != "worker_job_duration_seconds" && name != "worker_job_end_to_end_seconds" {
			continue
		}
		seen++
		histogram := family.GetMetric()[0].GetHistogram()
		assert.Equal(t, uint64(3), histogram.GetSampleCount())
		assert.NotEmpty(t, histogram.GetBucket(), "classic")
		assert.NotNil(t, histogram.Schema, "native")
		exemplars := 0
		for _, bucket := range histogram.GetBucket() {
			if bucket.GetExemplar() != nil {
				exemplars++
			}
		}
		assert.Positive(t, exemplars)
	}
	assert.Equal(t, 2, seen)
}
