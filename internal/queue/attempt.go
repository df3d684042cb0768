package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/hibiken/asynq"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"deals.example/internal/correlation"
	"deals.example/internal/criticality"
	"deals.example/observability"
)

// Outcomes of an attempt, the values of the label outcome.
const (
	outcomeCompleted = "completed"
	outcomeRetried   = "retried"
	outcomeDead      = "dead"
	// An attempt whose job is requeued at shutdown does not count.
	outcomeRequeued = ""
)

// attempt is one attempt at a job.
type attempt struct {
	server *Server
	id     string
	number int // from 1
	limit  int // maximum of attempts
}

type attemptKey struct{}

// attemptError passes the id of the job to retryDelay, which asynq does not.
type attemptError struct {
	id  string
	err error
}

func (e *attemptError) Error() string { return e.err.Error() }
func (e *attemptError) Unwrap() error { return e.err }

// Permanent marks an error as not retryable: the job is moved to the DLQ without further attempts.
func Permanent(err error) error { return &permanentError{err} }

type permanentError struct{ err error }

func (e *permanentError) Error() string   { return e.err.Error() }
func (e *permanentError) Unwrap() []error { return []error{e.err, asynq.SkipRetry} }

// decoded returns a handler of payloads that decodes the job and calls handle.
func decoded[J Job](handle func(context.Context, J) error) func(context.Context, []byte) error {
	return func(ctx context.Context, payload []byte) error {
		var job J
		if err := json.Unmarshal(payload, &job); err != nil {
			return Permanent(fmt.Errorf("decode job: %w", err))
		}
		return handle(ctx, job)
	}
}

// attempt is the handler that asynq calls. It calls the job's handler in a span and records the outcome.
func (s *Server) attempt(ctx context.Context, task *asynq.Task) error {
	start := time.Now()
	s.inFlight.Add(1)
	s.metrics.inFlight.Inc()
	defer func() {
		s.metrics.inFlight.Dec()
		s.inFlight.Add(-1)
	}()
	a := s.newAttempt(ctx)
	header := task.Headers()
	if id := header[headerCorrelation]; correlation.Valid(id) {
		ctx = correlation.NewContext(ctx, id)
	}
	level, _ := criticality.Extract(propagation.MapCarrier(header)) // a job without one has the default
	ctx = criticality.With(ctx, level)
	ctx, options := s.spanOrigin(ctx, a, header)
	ctx, span := s.tracer.Start(ctx, operationProcess+" "+s.rules.queue, options...)
	defer span.End()
	err := errWorkerDied
	if !parseDeaths(header[headerDeaths]).fails(a.number) {
		err = s.call(context.WithValue(ctx, attemptKey{}, a), task.Payload())
	}
	s.conclude(ctx, a, header, err, time.Since(start))
	if err != nil {
		return &attemptError{id: a.id, err: err}
	}
	return nil
}

func (s *Server) newAttempt(ctx context.Context) *attempt {
	id, _ := asynq.GetTaskID(ctx)
	retried, _ := asynq.GetRetryCount(ctx)
	retries, _ := asynq.GetMaxRetry(ctx)
	return &attempt{server: s, id: id, number: retried + 1, limit: retries + 1}
}

// spanOrigin returns the parent context and the options of the span of an attempt. The span continues the trace of the request that
// enqueued the job. For jobs of a large batch and for replayed jobs it starts a new trace with a link to that one.
func (s *Server) spanOrigin(ctx context.Context, a *attempt, header map[string]string) (context.Context, []trace.SpanStartOption) {
	options := []trace.SpanStartOption{
		trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithAttributes(
			semconv.MessagingSystemKey.String(messagingSystem),
			semconv.MessagingOperationName(operationProcess),
			semconv.MessagingOperationTypeProcess,
			semconv.MessagingDestinationName(s.rules.queue),
			semconv.MessagingMessageID(a.id),
			attribute.String(correlation.Field, correlation.FromContext(ctx)),
			observability.AttrJobAttempt.Int(a.number),
		),
	}
	origin := propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier(header))
	if header[headerBatch] == "" && header[headerReplayedAt] == "" {
		return origin, options
	}
	return ctx, append(options, trace.WithNewRoot(), trace.WithLinks(trace.LinkFromContext(origin)))
}

// call calls the job's handler and returns a panic as an error.
func (s *Server) call(ctx context.Context, payload []byte) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
			s.logger.ErrorContext(ctx, "job panicked", "queue", s.rules.queue, "panic", r, "stack", string(debug.Stack()))
		}
	}()
	return s.handle(ctx, payload)
}

// outcome returns the outcome of an attempt that ended with err.
func (s *Server) outcome(ctx context.Context, a *attempt, err error) string {
	switch {
	case err == nil:
		return outcomeCompleted
	case s.requeueing.Load() && errors.Is(ctx.Err(), context.Canceled):
		return outcomeRequeued
	case a.number >= a.limit || errors.Is(err, asynq.SkipRetry):
		return outcomeDead
	default:
		return outcomeRetried
	}
}

// conclude records the outcome of an attempt in its span, in metrics and in the log.
func (s *Server) conclude(ctx context.Context, a *attempt, header map[string]string, err error, took time.Duration) {
	outcome := s.outcome(ctx, a, err)
	observability.Fail(trace.SpanFromContext(ctx), err)
	attrs := []any{"queue", s.rules.queue, "job_id", a.id, "attempt", a.number, "attempts", a.limit, "duration_ms", took.Milliseconds()}
	if outcome == outcomeRequeued {
		s.logger.InfoContext(ctx, "job requeued at shutdown", attrs...)
		return
	}
	s.metrics.jobs.WithLabelValues(s.rules.queue, outcome).Inc()
	observability.Observe(ctx, s.metrics.duration.WithLabelValues(s.rules.queue, outcome), took)
	switch outcome {
	case outcomeCompleted:
		if age, ok := sinceEnqueued(header); ok {
			observability.Observe(ctx, s.metrics.endToEnd, age)
		}
		s.logger.DebugContext(ctx, "job completed", attrs...)
	case outcomeDead:
		s.guard.wakeUp()
		s.logger.ErrorContext(ctx, "job is dead", append(attrs, "error", err)...)
	default:
		s.logger.WarnContext(ctx, "job failed and will be retried", append(attrs, "error", err)...)
	}
}

// sinceEnqueued returns the time since a job was enqueued or last replayed, at least 0.
func sinceEnqueued(header map[string]string) (time.Duration, bool) {
	start := unixNano(header[headerReplayedAt])
	if start.IsZero() {
		start = unixNano(header[headerEnqueuedAt])
	}
	if start.IsZero() {
		return 0, false
	}
	return max(0, time.Since(start)), true // clocks of two machines may differ
}
