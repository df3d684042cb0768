package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"deals.example/internal/criticality"
	"deals.example/observability"
)

const tracerName = "deals.example/internal/queue"

// Attributes of the spans of jobs. The operations have asynq's names.
const (
	messagingSystem  = "asynq"
	operationEnqueue = "enqueue"
	operationProcess = "process"
)

// Client enqueues jobs, admits batches and samples the queues. It is safe for concurrent use.
type Client struct {
	rdb       redis.UniversalClient
	asynq     *asynq.Client
	admit     *redis.Script
	threshold int
	tracer    trace.Tracer
	metrics   *clientMetrics
	sampler   *sampler
}

// NewClient returns a client of the queues in a Redis. The caller owns rdb, which should not trace commands: a batch is thousands of them.
func NewClient(rdb redis.UniversalClient, deps Deps) (*Client, error) {
	if rdb == nil {
		return nil, errors.New("queue client: a Redis client is required")
	}
	if deps.Threshold < 0 {
		return nil, fmt.Errorf("queue client: threshold: got %d, want at least 0", deps.Threshold)
	}
	deps = deps.withDefaults()
	sampler := newSampler(rdb, deps.Logger)
	if err := deps.Registry.Register(sampler); err != nil {
		return nil, fmt.Errorf("queue client: %w", err)
	}
	return &Client{
		rdb:       rdb,
		asynq:     asynq.NewClientFromRedisClient(&coalescer{UniversalClient: rdb}),
		admit:     redis.NewScript(admitLua),
		threshold: deps.Threshold,
		tracer:    deps.Tracers.Tracer(tracerName),
		metrics:   newClientMetrics(deps.Registry),
		sampler:   sampler,
	}, nil
}

// Run samples the queues every second until ctx ends, for the gauges and for the drain rate that Overloaded.RetryAfter is computed from. It
// always returns nil; failed samples are skipped.
func (c *Client) Run(ctx context.Context) error {
	c.sampler.run(ctx)
	return nil
}

// Depth returns the number of unfinished jobs of a queue: pending, active, scheduled, waiting for a retry or aggregating. The error is
// ErrUnknownQueue or wraps ErrUnavailable.
func (c *Client) Depth(ctx context.Context, queue string) (int, error) {
	if _, err := policyOf(queue); err != nil {
		return 0, err
	}
	counts, err := c.sampler.counter.count(ctx, queue)
	if err != nil {
		return 0, err
	}
	return counts.depth, nil
}

// EnqueueEnrichment enqueues the jobs, several at a time, and returns how many Redis confirmed. It stops at the first job that fails
// twice, and when ctx ends. The error is an *Unconfirmed if Redis may have more jobs than it confirmed.
func (c *Client) EnqueueEnrichment(ctx context.Context, jobs []EnrichJob) (int, error) {
	return publish(ctx, c, jobs, func(EnrichJob) string { return uuid.NewString() })
}

// EnqueueRefresh enqueues an enrichment job for each deal, as EnqueueEnrichment does.
func (c *Client) EnqueueRefresh(ctx context.Context, dealIDs []string) (int, error) {
	jobs := make([]EnrichJob, len(dealIDs))
	for i, id := range dealIDs {
		jobs[i] = EnrichJob{DealID: id, Reason: ReasonRefresh}
	}
	return c.EnqueueEnrichment(ctx, jobs)
}

// EnqueuePurchase enqueues the job of a purchase. If Redis already has a job of that purchase id, in any state, it changes nothing
// and succeeds. The error is an *Unconfirmed if Redis may have the job.
func (c *Client) EnqueuePurchase(ctx context.Context, job PurchaseJob) error {
	_, err := publish(ctx, c, []PurchaseJob{job}, func(job PurchaseJob) string { return job.PurchaseID })
	return err
}

// publish enqueues a batch in one span and counts the jobs that Redis confirmed.
func publish[J Job](ctx context.Context, c *Client, jobs []J, id func(J) string) (int, error) {
	if len(jobs) == 0 {
		return 0, nil
	}
	queue := jobs[0].queue()
	rules, err := policyOf(queue)
	if err != nil {
		return 0, err
	}
	ctx, span := c.tracer.Start(ctx, operationEnqueue+" "+queue, trace.WithSpanKind(trace.SpanKindProducer), trace.WithAttributes(
		semconv.MessagingSystemKey.String(messagingSystem), semconv.MessagingOperationName(operationEnqueue), semconv.MessagingOperationTypeSend,
		semconv.MessagingDestinationName(queue)))
	defer span.End()
	header := headers(criticality.With(ctx, rules.criticality), time.Now(), len(jobs))
	enqueued, unconfirmed, err := eachConcurrently(ctx, jobs, func(ctx context.Context, job J) error {
		id := id(job)
		if len(jobs) == 1 {
			span.SetAttributes(semconv.MessagingMessageID(id))
		}
		task, err := newTask(rules, job, id, header)
		if err != nil {
			return err
		}
		return c.enqueue(ctx, task)
	})
	c.metrics.enqueued.WithLabelValues(queue).Add(float64(enqueued))
	if len(jobs) > 1 { // the conventions want no counts on spans of single messages
		span.SetAttributes(semconv.MessagingBatchMessageCount(len(jobs)), observability.AttrJobsEnqueued.Int(enqueued))
	}
	if err != nil {
		err = fmt.Errorf("%w: enqueue to %s, %d of %d confirmed: %w", ErrUnavailable, queue, enqueued, len(jobs), err)
		if unconfirmed > 0 {
			err = &Unconfirmed{Jobs: unconfirmed, Err: err}
		}
	}
	observability.Fail(span, err)
	return enqueued, err
}
