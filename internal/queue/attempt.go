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
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"deals.example/internal/correlation"
	"deals.example/observability"
)

// Outcomes of an attempt, as metrics name them.
const (
	outcomeCompleted = "completed"
	outcomeRetried   = "retried"
	outcomeDead      = "dead"
	// A job that is handed back at the end of a worker is none of these: its attempt does not count.
	outcomeHandedBack = ""
)

// attempt is one run of a job.
type attempt struct {
	server *Server
	id     string
	number int // 1 is the first
	most   int
}

type attemptKey struct{}

// attemptError carries to retryDelay whose attempt failed, which asynq doesn't tell it.
type attemptError struct {
	id  string
	err error
}

func (e *attemptError) Error() string { return e.err.Error() }
func (e *attemptError) Unwrap() error { return e.err }

// Permanent marks an error that no retry can mend: the job goes to the DLQ at once.
func Permanent(err error) error { return &permanentError{err} }

type permanentError struct{ err error }

func (e *permanentError) Error() string   { return e.err.Error() }
func (e *permanentError) Unwrap() []error { return []error{e.err, asynq.SkipRetry} }

// decoded adapts a handler of jobs to payloads.
func decoded[J Job](handle func(context.Context, J) error) func(context.Context, []byte) error {
	return func(ctx context.Context, payload []byte) error {
		var job J
		if err := json.Unmarshal(payload, &job); err != nil {
			return Permanent(fmt.Errorf("decode job: %w", err))
		}
		return handle(ctx, job)
	}
}

// attempt is the handler that asynq calls: the job's own, with all that goes around it.
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
	ctx, options := s.spanOrigin(ctx, a, header)
	ctx, span := s.tracer.Start(ctx, s.rules.queue+" process", options...)
	defer span.End()
	err := s.call(context.WithValue(ctx, attemptKey{}, a), task.Payload())
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
	return &attempt{server: s, id: id, number: retried + 1, most: retries + 1}
}

// spanOrigin returns how to start the span of an attempt: it continues the trace of the request that enqueued the job. Where that
// would make one endless trace, of thousands of jobs or of one that was replayed days later, it is the root of its own, with a
// link to it.
func (s *Server) spanOrigin(ctx context.Context, a *attempt, header map[string]string) (context.Context, []trace.SpanStartOption) {
	options := []trace.SpanStartOption{
		trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithAttributes(
			attribute.String("messaging.system", "asynq"),
			attribute.String("messaging.operation.type", "process"),
			attribute.String("messaging.destination.name", s.rules.queue),
			attribute.String("messaging.message.id", a.id),
			attribute.String("correlation_id", correlation.FromContext(ctx)),
			attribute.Int("deals.job.attempt", a.number),
		),
	}
	origin := propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier(header))
	if header[headerBatch] == "" && header[headerReplayedAt] == "" {
		return origin, options
	}
	return ctx, append(options, trace.WithNewRoot(), trace.WithLinks(trace.LinkFromContext(origin)))
}

// call runs the job's handler; a panic is an error.
func (s *Server) call(ctx context.Context, payload []byte) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
			s.logger.ErrorContext(ctx, "job panicked", "queue", s.rules.queue, "panic", r, "stack", string(debug.Stack()))
		}
	}()
	return s.handle(ctx, payload)
}

// outcome tells what becomes of a job after an attempt that ended with err.
func (s *Server) outcome(ctx context.Context, a *attempt, err error) string {
	switch {
	case err == nil:
		return outcomeCompleted
	case s.handingBack.Load() && errors.Is(ctx.Err(), context.Canceled):
		return outcomeHandedBack
	case a.number >= a.most || errors.Is(err, asynq.SkipRetry):
		return outcomeDead
	default:
		return outcomeRetried
	}
}

// conclude records how an attempt ended in span, metrics and log.
func (s *Server) conclude(ctx context.Context, a *attempt, header map[string]string, err error, took time.Duration) {
	outcome := s.outcome(ctx, a, err)
	if err != nil {
		span := trace.SpanFromContext(ctx)
		span.RecordError(err)
		span.SetStatus(codes.Error, err.Error())
	}
	attrs := []any{"queue", s.rules.queue, "job_id", a.id, "attempt", a.number, "attempts", a.most, "duration_ms", took.Milliseconds()}
	if outcome == outcomeHandedBack {
		s.logger.InfoContext(ctx, "job handed back", attrs...)
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
		s.guard.poke()
		s.logger.ErrorContext(ctx, "job is dead", append(attrs, "error", err)...)
	default:
		s.logger.WarnContext(ctx, "job failed and will be retried", append(attrs, "error", err)...)
	}
}

// sinceEnqueued returns how long ago a job was enqueued, or replayed if it was.
func sinceEnqueued(header map[string]string) (time.Duration, bool) {
	start := unixNano(header[headerReplayedAt])
	if start.IsZero() {
		start = unixNano(header[headerEnqueuedAt])
	}
	if start.IsZero() {
		return 0, false
	}
	return max(0, time.Since(start)), true // never negative, whatever the clocks of two machines say
}
