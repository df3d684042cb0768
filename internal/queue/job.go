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
)

// Why a deal is enriched: bounded, since it may become a label.
const (
	ReasonBatch   = "batch"   // asked for by POST /api/enrichment-jobs
	ReasonRefresh = "refresh" // its card in the read model is stale or missing
)

// EnrichJob asks for a new deal card in the read model.
type EnrichJob struct {
	DealID string `json:"dealId"`
	Reason string `json:"reason"`
}

// PurchaseJob asks for the workflow of one purchase to be done.
type PurchaseJob struct {
	PurchaseID string `json:"purchaseId"`
	DealID     string `json:"dealId"`
	UserID     string `json:"userId"`
	Quantity   int    `json:"quantity"`
}

// Job is what a queue holds: one type of payload for each queue.
type Job interface {
	EnrichJob | PurchaseJob
	queue() string
}

func (EnrichJob) queue() string   { return Enrichment }
func (PurchaseJob) queue() string { return Critical }

// Headers of a task beside those of the W3C trace context (traceparent, tracestate).
const (
	headerCorrelation = correlation.Header
	headerEnqueuedAt  = "Enqueued-At" // Unix time in nanoseconds
	headerReplayedAt  = "Replayed-At" // the same, set by DLQ.Replay
	headerBatch       = "Batch-Size"  // only of a batch that is too large to be one trace
)

// maxTraceJobs is how many jobs of one batch continue its trace. A larger batch would be a trace that no
// backend shows: there each attempt is a trace of its own, linked to the one of the batch.
const maxTraceJobs = 100

// headers returns what goes with every job of a batch enqueued in ctx. The W3C format is fixed here rather than
// taken from otel's global propagator: it is what is stored, and must be readable by any worker.
func headers(ctx context.Context, now time.Time, batch int) map[string]string {
	carrier := propagation.MapCarrier{headerEnqueuedAt: strconv.FormatInt(now.UnixNano(), 10)}
	if id := correlation.FromContext(ctx); id != "" {
		carrier[headerCorrelation] = id
	}
	if batch > maxTraceJobs {
		carrier[headerBatch] = strconv.Itoa(batch)
	}
	propagation.TraceContext{}.Inject(ctx, carrier)
	return carrier
}

// unixNano returns the time of a Unix time in nanoseconds, or the zero time when text is none.
func unixNano(text string) time.Time {
	nanoseconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(0, nanoseconds)
}

// newTask makes the asynq task of a job. The id is the caller's: it makes an enqueue that is repeated harmless.
func newTask[J Job](job J, id string, header map[string]string) (*asynq.Task, error) {
	rules, err := policyOf(job.queue())
	if err != nil {
		return nil, err
	}
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
