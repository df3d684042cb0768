package hash

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"deals.example/observability"
)

// Config is the settings of the pool. The four ways of the lab are: /bad; one thread (HASH_POOL_WORKERS=1, HASH_POOL_NICE=0,
// HASH_POOL_EXTRA_PROCS=false); the same at nice 19, which keeps a processor of the scheduler while it waits for the CPU; and the
// default, niced threads with as many processors more.
type Config struct {
	Workers    int  `env:"HASH_POOL_WORKERS" envDefault:"2" validate:"min=1,max=64" help:"threads of the hash pool"`
	Queue      int  `env:"HASH_POOL_QUEUE" envDefault:"16" validate:"min=0,max=10000" help:"hashes that may wait for a thread; beyond it the answer is 429"`
	Nice       int  `env:"HASH_POOL_NICE" envDefault:"19" validate:"min=0,max=19" help:"how far the threads yield to others (Linux); 0: not at all"`
	ExtraProcs bool `env:"HASH_POOL_EXTRA_PROCS" envDefault:"true" help:"raise GOMAXPROCS by the number of threads, so that a thread that waits for the CPU keeps no processor from the requests"`
}

// ErrClosed says that the pool takes no more work.
var ErrClosed = errors.New("hash pool is closed")

// FullError says that as many jobs wait as may.
type FullError struct {
	Depth, Capacity int
	RetryAfter      time.Duration // until about one place is free
}

// Error names the bound.
func (e *FullError) Error() string {
	return fmt.Sprintf("hash pool is full: %d of %d places taken", e.Depth, e.Capacity)
}

// Pool computes jobs on its own threads. It may be used concurrently.
type Pool struct {
	cfg     Config
	jobs    chan task
	stop    chan struct{}
	once    sync.Once
	threads sync.WaitGroup
	waiting atomic.Int64
	metrics *poolMetrics
	procs   int // GOMAXPROCS before it was raised; 0: it was not
}

// task is a job on its way.
type task struct {
	ctx    context.Context //nolint:containedctx // the job's own: it may end while the job waits
	job    Job
	queued time.Time
	answer chan<- outcome // holds one, so that a worker never waits for a caller that has gone
}

type outcome struct {
	result Result
	err    error
}

// NewPool starts the threads. Close ends them.
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

// Do computes the job, waiting for a thread if need be. The error is a *FullError when too many wait already, ErrClosed after
// Close, or that of ctx.
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

// Close ends the threads once they have done what they are at.
func (p *Pool) Close() {
	p.once.Do(func() {
		close(p.stop)
		p.threads.Wait()
		if p.procs > 0 {
			runtime.GOMAXPROCS(p.procs)
		}
	})
}

// work is a thread of the pool. It is never unlocked: a thread with lowered priority must not go back to the scheduler, so it ends with
// its goroutine.
func (p *Pool) work() {
	runtime.LockOSThread()
	lowerPriority(p.cfg.Nice)
	for {
		select {
		case t := <-p.jobs:
			// A profile is by the labels of goroutines: those of the request, its span among them, go with its work.
			pprof.SetGoroutineLabels(t.ctx)
			t.answer <- p.compute(t)
			pprof.SetGoroutineLabels(context.Background())
		case <-p.stop:
			return
		}
	}
}

func (p *Pool) compute(t task) outcome {
	p.metrics.busy.Inc()
	defer p.metrics.busy.Dec()
	start := time.Now()
	digest, err := Digest(t.ctx, t.job)
	took := time.Since(start)
	if err == nil {
		p.metrics.done(t.ctx, start.Sub(t.queued), took)
	}
	return outcome{Result{DigestPrefix: digest, Queued: start.Sub(t.queued), Took: took}, err}
}

// poolMetrics are the experience_hash_pool_* metrics.
type poolMetrics struct {
	busy             prometheus.Gauge
	rejected         prometheus.Counter
	queued, computed prometheus.Histogram
	last             atomic.Int64 // nanoseconds that the last job took
}

func newPoolMetrics(reg prometheus.Registerer, p *Pool) *poolMetrics {
	factory := promauto.With(reg)
	gauge := func(name, help string) prometheus.GaugeOpts { return prometheus.GaugeOpts{Name: name, Help: help} }
	factory.NewGaugeFunc(gauge("experience_hash_pool_workers", "Threads of the hash pool."), func() float64 { return float64(p.cfg.Workers) })
	factory.NewGaugeFunc(gauge("experience_hash_pool_capacity", "Hashes that the pool takes at once, computed and waiting."),
		func() float64 { return float64(p.cfg.Queue + p.cfg.Workers) })
	factory.NewGaugeFunc(gauge("experience_hash_pool_jobs", "Hashes in the pool now, computed and waiting."),
		func() float64 { return float64(min(p.waiting.Load(), int64(p.cfg.Queue+p.cfg.Workers))) })
	return &poolMetrics{
		busy: factory.NewGauge(gauge("experience_hash_pool_busy_workers", "Threads of the hash pool that compute now.")),
		rejected: factory.NewCounter(prometheus.CounterOpts{
			Name: "experience_hash_pool_rejections_total", Help: "Hashes refused because the pool was full.",
		}),
		queued: factory.NewHistogram(observability.Histogram("experience_hash_pool_queue_seconds",
			"Time that hashes waited for a thread.", observability.LatencyBuckets())),
		computed: factory.NewHistogram(observability.Histogram("experience_hash_pool_compute_seconds",
			"Time that hashes took on their thread.", observability.LatencyBuckets())),
	}
}

func (m *poolMetrics) done(ctx context.Context, queued, took time.Duration) {
	observability.Observe(ctx, m.queued, queued)
	observability.Observe(ctx, m.computed, took)
	m.last.Store(int64(took))
}

// typical is how long a hash takes, going by the last one; a second at first.
func (m *poolMetrics) typical() time.Duration {
	if last := time.Duration(m.last.Load()); last > 0 {
		return last
	}
	return time.Second
}
