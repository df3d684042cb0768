package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"go.opentelemetry.io/otel/trace"
)

const (
	// pollInterval is how long an idle worker waits for the next look into its queue, give or take a half.
	pollInterval = 100 * time.Millisecond
	// handBackTime is what Shutdown keeps of its time to put unfinished jobs back.
	handBackTime = time.Second
	// abortAfter is how long asynq waits for its workers before it puts their jobs back: not long, Shutdown has waited for them.
	abortAfter = 250 * time.Millisecond
)

// ServerConfig is what a worker may choose.
type ServerConfig struct {
	Concurrency  int // jobs worked on at once, at least 1
	ArchiveLimit int // size of the DLQ at which the queue is paused; 0 means DefaultArchiveLimit
}

// Server works off the queue of one type of job. See the package comment for what happens to a job.
type Server struct {
	rules    policy
	handle   func(ctx context.Context, payload []byte) error
	asynq    *asynq.Server
	promoter *promoter
	guard    *guard
	metrics  *serverMetrics
	tracer   trace.Tracer
	logger   *slog.Logger

	inFlight    atomic.Int64
	handingBack atomic.Bool // asynq puts back what is still running: its failures are none of the job's
	stop        context.CancelFunc
	loops       sync.WaitGroup
}

// NewServer returns a server that calls handle for each job of the queue of J, from several goroutines. A nil error completes
// the job, one of Permanent buries it, any other is retried while there are attempts left; so is a panic. handle must be
// able to run twice for one job, and should return when its context ends.
//
// rdb stays the caller's and should make no span for each command: asynq polls.
func NewServer[J Job](rdb redis.UniversalClient, cfg ServerConfig, deps Deps, handle func(context.Context, J) error) (*Server, error) {
	if rdb == nil || handle == nil {
		return nil, errors.New("queue server: a Redis client and a handler are required")
	}
	if cfg.Concurrency < 1 {
		return nil, fmt.Errorf("queue server: concurrency %d is under 1", cfg.Concurrency)
	}
	var job J
	rules, err := policyOf(job.queue())
	if err != nil {
		return nil, err
	}
	deps = deps.withDefaults()
	metrics := newServerMetrics(deps.Registry, rules.queue)
	s := &Server{
		rules:    rules,
		handle:   decoded(handle),
		promoter: newPromoter(rdb, rules.queue, deps.Logger),
		guard:    newGuard(rdb, rules.queue, cfg.ArchiveLimit, metrics.paused.WithLabelValues(rules.queue), deps.Logger),
		metrics:  metrics,
		tracer:   deps.Tracers.Tracer(tracerName),
		logger:   deps.Logger,
		stop:     func() {},
	}
	s.asynq = asynq.NewServerFromRedisClient(rdb, asynq.Config{
		Concurrency:       cfg.Concurrency,
		Queues:            map[string]int{rules.queue: 1},
		TaskCheckInterval: pollInterval,
		// What the promoter misses, such as the retries of a worker that died, is taken up by asynq within a second or two.
		DelayedTaskCheckInterval: time.Second,
		RetryDelayFunc:           s.retryDelay,
		ShutdownTimeout:          abortAfter,
		Logger:                   newAsynqLogger(deps.Logger),
		LogLevel:                 asynq.InfoLevel,
	})
	return s, nil
}

// Start begins to work jobs off and returns. Jobs outlive ctx, of which only the values count: Shutdown ends them.
func (s *Server) Start(ctx context.Context) error {
	loops, stop := context.WithCancel(context.WithoutCancel(ctx))
	if err := s.asynq.Start(asynq.HandlerFunc(s.attempt)); err != nil {
		stop()
		return fmt.Errorf("start worker of %s: %w", s.rules.queue, err)
	}
	s.stop = stop
	s.loops.Go(func() { s.promoter.run(loops) })
	s.loops.Go(func() { s.guard.run(loops) })
	return nil
}

// Shutdown takes no more jobs and waits for those in flight. A second before ctx ends it puts the unfinished ones back to the head of
// the queue, for another worker to start anew, without counting an attempt. The error is that of ctx when even that took too
// long: then asynq finds the jobs by their leases, see the package comment.
func (s *Server) Shutdown(ctx context.Context) error {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.asynq.Stop()
		s.awaitIdle(ctx)
		s.handingBack.Store(true)
		s.asynq.Shutdown()
		s.stop()
		s.loops.Wait()
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("shut down worker of %s, %d jobs in flight: %w", s.rules.queue, s.inFlight.Load(), ctx.Err())
	}
}

// awaitIdle returns when no job is in flight, or when it is time to hand back.
func (s *Server) awaitIdle(ctx context.Context) {
	if deadline, ok := ctx.Deadline(); ok {
		left := time.Until(deadline)
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, left-min(handBackTime, left/2))
		defer cancel()
	}
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for s.inFlight.Load() > 0 {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}
