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
	// pollInterval is the mean poll interval of an idle worker. asynq adds jitter of up to a half.
	pollInterval = 100 * time.Millisecond
	// requeueTime is the part of Shutdown's time that is reserved for requeueing unfinished jobs.
	requeueTime = time.Second
	// abortAfter is how long asynq waits for active jobs before it requeues them. It is short because Shutdown has waited before.
	abortAfter = 250 * time.Millisecond
	// firstCheck is how long Start may wait for the first check for jobs of dead workers.
	firstCheck = time.Second
)

// ServerConfig configures a Server.
type ServerConfig struct {
	Concurrency  int // maximum of concurrent jobs, at least 1
	ArchiveLimit int // size of the DLQ at which the queue is paused; 0 means DefaultArchiveLimit
}

// Server processes the jobs of one queue. The package comment describes the life of a job.
type Server struct {
	rules    policy
	handle   func(ctx context.Context, payload []byte) error
	asynq    *asynq.Server
	promoter *promoter
	guard    *guard
	recover  *recoverer
	metrics  *serverMetrics
	tracer   trace.Tracer
	logger   *slog.Logger

	inFlight   atomic.Int64
	requeueing atomic.Bool // asynq requeues active jobs: a canceled attempt is not a failure of its job
	stop       context.CancelFunc
	loops      sync.WaitGroup
}

// NewServer returns a server that calls handle for each job of the queue of J, concurrently for up to cfg.Concurrency jobs. A nil error
// completes the job, an error of Permanent moves it to the DLQ, and any other error or a panic is retried until the last attempt. handle
// must be able to run twice for one job, and should return when its context ends.
//
// The caller owns rdb, which should not trace commands.
func NewServer[J Job](rdb redis.UniversalClient, cfg ServerConfig, deps Deps, handle func(context.Context, J) error) (*Server, error) {
	if rdb == nil || handle == nil {
		return nil, errors.New("queue server: a Redis client and a handler are required")
	}
	if cfg.Concurrency < 1 {
		return nil, fmt.Errorf("queue server: concurrency: got %d, want at least 1", cfg.Concurrency)
	}
	var job J
	rules, err := policyOf(job.queue())
	if err != nil {
		return nil, err
	}
	deps = deps.withDefaults()
	metrics := newServerMetrics(deps.Registry, rules.queue, cfg.Concurrency)
	s := &Server{
		rules:    rules,
		handle:   decoded(handle),
		promoter: newPromoter(rdb, rules.queue, deps.Logger),
		guard:    newGuard(rdb, rules.queue, cfg.ArchiveLimit, metrics.paused.WithLabelValues(rules.queue), deps.Logger),
		recover:  newRecoverer(rdb, rules.queue, deps.Logger),
		metrics:  metrics,
		tracer:   deps.Tracers.Tracer(tracerName),
		logger:   deps.Logger,
		stop:     func() {},
	}
	s.asynq = asynq.NewServerFromRedisClient(rdb, asynq.Config{
		Concurrency:       cfg.Concurrency,
		Queues:            map[string]int{rules.queue: 1},
		TaskCheckInterval: pollInterval,
		// asynq forwards jobs that the promoter does not know, such as those of a killed worker, within a second or two.
		DelayedTaskCheckInterval: time.Second,
		RetryDelayFunc:           s.retryDelay,
		ShutdownTimeout:          abortAfter,
		Logger:                   newAsynqLogger(deps.Logger),
		LogLevel:                 asynq.InfoLevel,
	})
	return s, nil
}

// Start starts processing and returns. It uses only the values of ctx; Shutdown stops the server.
func (s *Server) Start(ctx context.Context) error {
	loops, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.recoverFirst(loops)
	if err := s.asynq.Start(asynq.HandlerFunc(s.attempt)); err != nil {
		stop()
		return fmt.Errorf("start worker of %s: %w", s.rules.queue, err)
	}
	s.stop = stop
	s.loops.Go(func() { s.promoter.run(loops) })
	s.loops.Go(func() { s.guard.run(loops) })
	s.loops.Go(func() { s.recover.run(loops) })
	return nil
}

// recoverFirst checks for jobs of dead workers before asynq does at its start, which would count an attempt.
func (s *Server) recoverFirst(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, firstCheck)
	defer cancel()
	s.recover.check(ctx)
}

// Shutdown takes no further jobs and waits for active ones. A second before ctx ends it requeues the unfinished jobs at the head of the
// queue without counting an attempt. It returns the error of ctx if that took too long. The remaining jobs are then recovered as those
// of a dead worker, see the package comment.
func (s *Server) Shutdown(ctx context.Context) error {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.asynq.Stop()
		s.awaitIdle(ctx)
		s.requeueing.Store(true)
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

// awaitIdle waits until no job is active, but leaves time to requeue.
func (s *Server) awaitIdle(ctx context.Context) {
	if deadline, ok := ctx.Deadline(); ok {
		left := time.Until(deadline)
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, left-min(requeueTime, left/2))
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
