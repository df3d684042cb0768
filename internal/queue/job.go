package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/hibiken/asynq"
	"go.opentelemetry.io/otel/propagation"

	"deals.example/internal/correlation"
	"deals.example/internal/criticality"
)

// Reasons of an enrichment.
const (
	ReasonBatch   = "batch"   // POST /api/enrichment-jobs
	ReasonRefresh = "refresh" // the card is stale or missing
)

// EnrichJob is a job that writes a new deal card to the read model.
type EnrichJob struct {
	DealID string `json:"dealId"`
	Reason string `json:"reason"`
}

// PurchaseJob is a job that runs the workflow of a purchase.
type PurchaseJob struct {
	PurchaseID string `json:"purchaseId"`
	DealID     string `json:"dealId"`
	UserID     string `json:"userId"`
	Quantity   int    `json:"quantity"`
}

// Job is the payload of a job. Each queue has one type.
type Job interface {
	EnrichJob | PurchaseJob
	queue() string
}

func (EnrichJob) queue() string   { return Enrichment }
func (PurchaseJob) queue() string { return Critical }

// Task headers beside those of the W3C trace context (traceparent, tracestate) and baggage (criticality).
const (
	headerCorrelation = correlation.Header
	headerEnqueuedAt  = "Enqueued-At" // Unix time in nanoseconds
	headerReplayedAt  = "Replayed-At" // Unix time in nanoseconds, set by DLQ.Replay
	headerBatch       = "Batch-Size"  // set for batches over maxTraceJobs
	headerDeaths      = "Deaths"      // of workers that were processing the job, see deaths
)

// maxTraceJobs is the maximum size of a batch whose jobs continue its trace. Attempts at jobs of a larger batch start their own traces,
// because trace backends do not show traces with thousands of spans.
const maxTraceJobs = 100

// headers returns the headers of every job of a batch of that size. The format is always W3C, regardless of otel's global propagator,
// because workers must be able to read stored jobs.
func headers(ctx context.Context, now time.Time, batch int) map[string]string {
	carrier := propagation.MapCarrier{headerEnqueuedAt: strconv.FormatInt(now.UnixNano(), 10)}
	if id := correlation.FromContext(ctx); id != "" {
		carrier[headerCorrelation] = id
	}
	if batch > maxTraceJobs {
		carrier[headerBatch] = strconv.Itoa(batch)
	}
	propagation.TraceContext{}.Inject(ctx, carrier)
	criticality.Inject(ctx, carrier)
	return carrier
}

// unixNano parses a Unix time in nanoseconds. It returns the zero time if text is invalid.
func unixNano(text string) time.Time {
	nanoseconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(0, nanoseconds)
}

// newTask returns the asynq task of a job. asynq refuses a second task with the same id, which makes a repeated enqueue harmless.
func newTask[J Job](rules policy, job J, id string, header map[string]string) (*asynq.Task, error) {
	payload, err := json.Marshal(job)
	if err != nil {
		return nil, fmt.Errorf("encode job %s: %w", id, err)
	}
	return asynq.NewTaskWithHeaders(rules.taskType, payload, header,
		asynq.TaskID(id),
		asynq.Queue(rules.queue),
		asynq.MaxRetry(rules.attempts-1),
		asynq.Timeout(rules.timeout),
		asynq.Retention(rules.retention),
	), nil
}
