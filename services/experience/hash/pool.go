package hash

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"go.opentelemetry.io/otel/trace"

	"deals.example/internal/settings"
	"deals.example/observability"
)

// Config is the settings of the pool. The benchmark compares four ways: /bad; one thread (HASH_POOL_WORKERS=1, HASH_POOL_IDLE=false,
// HASH_POOL_EXTRA_PROCS=false); the same thread with the idle priority, which keeps a processor of Go's scheduler while it waits for the
// CPU; and the default: idle threads, with GOMAXPROCS raised by their number.
type Config struct {
	Workers    int
	Queue      int
	Idle       bool
	ExtraProcs bool
}

// Declare implements settings.Declarer.
func (c *Config) Declare(s *settings.Set) {
	s.Int(&c.Workers, "HASH_POOL_WORKERS", 2).Between(1, 64).Help("threads of the hash pool")
	s.Int(&c.Queue, "HASH_POOL_QUEUE", 16).Between(0, 10_000).
		Help("hashes that may wait for a thread; beyond it the answer is 429")
	s.Bool(&c.Idle, "HASH_POOL_IDLE", true).
		Help("run the threads only on processors that nothing else wants (Linux, SCHED_IDLE)")
	s.Bool(&c.ExtraProcs, "HASH_POOL_EXTRA_PROCS", true).
		Help("raise GOMAXPROCS by the number of threads, so that a thread that waits for the CPU keeps no processor from the requests")
}

// ErrClosed is returned after Close.
var ErrClosed = errors.New("hash pool is closed")

// FullError is returned when the queue of the pool is full.
type FullError struct {
	Depth, Capacity int
	RetryAfter      time.Duration // estimate until a place is free
}

// Error implements error.
func (e *FullError) Error() string {
	return fmt.Sprintf("hash pool is full: %d of %d places taken", e.Depth, e.Capacity)
}

// Pool computes jobs on dedicated threads. It may be used concurrently.
type Pool struct {
	cfg     Config
	jobs    chan task
	stop    chan struct{}
	once    sync.Once
	threads sync.WaitGroup
	waiting atomic.Int64
	metrics *poolMetrics
	procs   int // GOMAXPROCS before it was raised; 0 when it was not

	mu        sync.Mutex
	computing int // jobs
	gcPercent int // before the first of them
}

// While hashes are computed garbage is collected less often: a collection stops the world and has to wait for the threads of the pool, which
// get no processor while others want it.
const (
	minGCPercent = 100 // growth of the heap
	maxGCPercent = 800
	maxGarbage   = 64 << 20 // bytes, unless that is less than minGCPercent
)

// rareGCPercent returns the growth of the heap at which garbage is collected while hashes are computed.
func rareGCPercent() int {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	return int(min(max(100*maxGarbage/max(live[0].Value.Uint64(), 1), minGCPercent), maxGCPercent))
}

// begin collects garbage less often, until the end of the last job.
func (p *Pool) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.computing++; p.computing == 1 && p.cfg.Idle {
		p.gcPercent = debug.SetGCPercent(rareGCPercent())
	}
}

func (p *Pool) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.computing--; p.computing == 0 && p.cfg.Idle {
		debug.SetGCPercent(p.gcPercent)
	}
}

// task is a queued job.
type task struct {
	ctx    context.Context //nolint:containedctx // the job's own: it may end while the job waits
	job    Job
	queued time.Time
	answer chan<- outcome // buffered, so that a worker never waits for a caller that has gone
}

type outcome struct {
	result Result
	err    error
}

// NewPool starts the threads. The caller must call Close.
func NewPool(cfg Config, reg prometheus.Registerer) *Pool {
	p := &Pool{cfg: cfg, jobs: make(chan task), stop: make(chan struct{})}
	p.metrics = newPoolMetrics(reg, p)
	if cfg.ExtraProcs {
		p.procs = runtime.GOMAXPROCS(0)
		runtime.GOMAXPROCS(p.procs + cfg.Workers)
	}
	for range cfg.Workers {
		p.threads.Go(p.work)
	}
	return p
}

// Do computes the job and waits for a thread if necessary. It returns a *FullError when the queue is full, ErrClosed after Close, or the
// error of ctx.
func (p *Pool) Do(ctx context.Context, job Job) (Result, error) {
	depth, capacity := p.waiting.Add(1), int64(p.cfg.Queue+p.cfg.Workers)
	defer p.waiting.Add(-1)
	if depth > capacity {
		p.metrics.rejected.Inc()
		return Result{}, &FullError{Depth: int(depth - 1), Capacity: int(capacity), RetryAfter: p.metrics.typical()}
	}
	answer := make(chan outcome, 1)
	select {
	case p.jobs <- task{ctx: ctx, job: job, queued: time.Now(), answer: answer}:
	case <-ctx.Done():
		return Result{}, ctx.Err()
	case <-p.stop:
		return Result{}, ErrClosed
	}
	select {
	case out := <-answer:
		return out.result, out.err
	case <-ctx.Done():
		return Result{}, ctx.Err()
	}
}

// Close waits for the running jobs and ends the threads.
func (p *Pool) Close() {
	p.once.Do(func() {
		close(p.stop)
		p.threads.Wait()
		if p.procs > 0 {
			runtime.GOMAXPROCS(p.procs)
		}
	})
}

// work runs one thread of the pool. The goroutine is never unlocked from its thread, so the thread ends with it: a thread with low
// priority must not return to the scheduler.
func (p *Pool) work() {
	runtime.LockOSThread()
	if p.cfg.Idle {
		lowerPriority()
	}
	for {
		select {
		case t := <-p.jobs:
			// Profiles group samples by the labels of goroutines, so the work takes the labels of its request.
			pprof.SetGoroutineLabels(t.ctx)
			p.begin()
			out := p.compute(t)
			p.end()
			t.answer <- out
			pprof.SetGoroutineLabels(context.Background())
		case <-p.stop:
			return
		}
	}
}

func (p *Pool) compute(t task) outcome {
	p.metrics.busy.Inc()
	defer p.metrics.busy.Dec()
	_, wait := observability.StartChild(t.ctx, observability.WaitHashPool, trace.WithTimestamp(t.queued))
	wait.End()
	start := time.Now()
	digest, err := Digest(t.ctx, t.job)
	took := time.Since(start)
	if err == nil {
		p.metrics.done(t.ctx, start.Sub(t.queued), took)
	}
	return outcome{Result{DigestPrefix: digest, Queued: start.Sub(t.queued), Took: took}, err}
}

// poolMetrics are the metrics experience_hash_pool_*.
type poolMetrics struct {
	busy             prometheus.Gauge
	rejected         prometheus.Counter
	queued, computed prometheus.Histogram
	last             atomic.Int64 // duration of the last job in nanoseconds
}

func newPoolMetrics(reg prometheus.Registerer, p *Pool) *poolMetrics {
	factory := promauto.With(reg)
	gauge := func(name, help string) prometheus.GaugeOpts { return prometheus.GaugeOpts{Name: name, Help: help} }
	factory.NewGaugeFunc(gauge("experience_hash_pool_workers", "Threads of the hash pool."), func() float64 { return float64(p.cfg.Workers) })
	factory.NewGaugeFunc(gauge("experience_hash_pool_capacity", "Limit of hashes in the pool, running and waiting."),
		func() float64 { return float64(p.cfg.Queue + p.cfg.Workers) })
	factory.NewGaugeFunc(gauge("experience_hash_pool_jobs", "Hashes in the pool, running and waiting."),
		func() float64 { return float64(min(p.waiting.Load(), int64(p.cfg.Queue+p.cfg.Workers))) })
	return &poolMetrics{
		busy: factory.NewGauge(gauge("experience_hash_pool_busy_workers", "Busy threads of the hash pool.")),
		rejected: factory.NewCounter(prometheus.CounterOpts{
			Name: "experience_hash_pool_rejections_total", Help: "Hashes refused because the pool was full.",
		}),
		queued: factory.NewHistogram(observability.Histogram("experience_hash_pool_queue_seconds",
			"Time that hashes waited for a thread.", observability.LatencyBuckets())),
		computed: factory.NewHistogram(observability.Histogram("experience_hash_pool_compute_seconds",
			"Time that hashes ran on their thread.", observability.LatencyBuckets())),
	}
}

func (m *poolMetrics) done(ctx context.Context, queued, took time.Duration) {
	observability.Observe(ctx, m.queued, queued)
	observability.Observe(ctx, m.computed, took)
	m.last.Store(int64(took))
}

// typical returns the duration of the last job, or a second before the first.
func (m *poolMetrics) typical() time.Duration {
	if last := time.Duration(m.last.Load()); last > 0 {
		return last
	}
	return time.Second
}
