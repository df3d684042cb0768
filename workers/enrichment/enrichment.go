// Package enrichment is the enrichment worker: it composes deal cards and writes them to the read model.
package enrichment

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"deals.example/internal/app"
	"deals.example/internal/card"
	"deals.example/internal/composer"
	"deals.example/internal/criticality"
	"deals.example/internal/dealid"
	"deals.example/internal/fault"
	"deals.example/internal/queue"
	"deals.example/internal/settings"
	"deals.example/internal/upstream"
	"deals.example/lab/control"
)

// Steps of a job, as metrics and traces name them.
const (
	stepPrepare = "prepare"
	stepCompose = "compose"
	stepStore   = "store"
)

// Values of Config.Limit.
const (
	adaptive = "adaptive"
	static   = "static"
)

// equal is the option of the control criticality in which jobs matter as much as visitors.
const equal = "equal"

// Config is the settings of the worker.
type Config struct {
	Limit       string
	Concurrency int

	WorkMin   time.Duration
	WorkMax   time.Duration
	FaultRate float64

	Services  composer.Config
	Upstream  upstream.Config
	Redis     app.RedisConfig
	ReadModel card.Config
}

// Declare implements settings.Declarer.
func (c *Config) Declare(s *settings.Set) {
	s.Text(&c.Limit, "ENRICHMENT_WORKER_LIMIT", adaptive).OneOf(adaptive, static).
		Help("adaptive: as many enrichment jobs concurrently as the upstreams have room for; static: always the maximum")
	s.Int(&c.Concurrency, "ENRICHMENT_WORKER_CONCURRENCY", 256).Between(minJobs, 1000).
		Help("maximum of enrichment jobs processed concurrently")
	s.Duration(&c.WorkMin, "FAULT_ENRICHMENT_LATENCY_MIN", 10*time.Millisecond).Between(0, 30*time.Second).
		Help("minimum time of an enrichment job's own work, uniform up to FAULT_ENRICHMENT_LATENCY_MAX")
	s.Duration(&c.WorkMax, "FAULT_ENRICHMENT_LATENCY_MAX", 45*time.Millisecond).Between(0, 30*time.Second).
		Help("maximum time of an enrichment job's own work")
	s.Float(&c.FaultRate, "FAULT_ENRICHMENT_RATE", 0.04).Between(0, 1).
		Help("share of attempts at an enrichment job that fail synthetically")
	c.Services.Declare(s)
	c.Upstream.Declare(s)
	c.Redis.Declare(s)
	c.ReadModel.Declare(s)
}

// Build puts the worker on rt.
func Build(ctx context.Context, rt *app.Runtime, cfg Config) error {
	w, err := newWorker(rt, cfg)
	if err != nil {
		return err
	}
	rdb, err := rt.QueueRedis(cfg.Redis)
	if err != nil {
		return err
	}
	deps := queue.Deps{Registry: rt.Registry, Tracers: rt.Tracers, Logger: rt.Logger}
	server, err := queue.NewServer(rdb, queue.ServerConfig{Concurrency: cfg.Concurrency}, deps, w.process)
	if err != nil {
		return err
	}
	if err := errors.Join(rt.Controls.Add(w.jobs.control()), rt.Controls.Add(w.criticalityControl())); err != nil {
		return err
	}
	rt.Go("concurrency", w.jobs.run)
	rt.OnDrain("jobs", server.Shutdown)
	return server.Start(ctx)
}

// worker processes the jobs of the queue.
type worker struct {
	work     fault.Work
	jobs     *concurrency
	composer *composer.Composer
	cards    *card.Store
	equal    atomic.Bool // the calls of a job matter as much as those of visitors
}

func newWorker(rt *app.Runtime, cfg Config) (*worker, error) {
	work, err := fault.NewWork(cfg.WorkMin, cfg.WorkMax, cfg.FaultRate)
	if err != nil {
		return nil, fmt.Errorf("FAULT_ENRICHMENT_LATENCY_MIN, FAULT_ENRICHMENT_LATENCY_MAX: %w", err)
	}
	services, err := composer.Build(rt, cfg.Upstream, cfg.Services)
	if err != nil {
		return nil, err
	}
	rdb, err := rt.Redis(cfg.Redis)
	if err != nil {
		return nil, err
	}
	jobs := newConcurrency(cfg.Concurrency, cfg.Limit == adaptive, services.Saturated)
	return &worker{work: work, jobs: jobs, composer: services, cards: card.NewStore(rdb, cfg.ReadModel)}, nil
}

// criticalityControl switches whether upstreams serve visitors first.
func (w *worker) criticalityControl() control.Control {
	return control.Control{
		Name: "criticality", Help: "how much the calls of enrichment jobs matter", Start: control.Setting{Option: criticality.Sheddable.String()},
		Options: []control.Option{
			{Name: criticality.Sheddable.String(), Help: "less than those of visitors: in an overload they wait longer and are refused first"},
			{Name: equal, Help: "as much as those of visitors"},
		},
		Apply: func(s control.Setting) error {
			w.equal.Store(s.Option == equal)
			return nil
		},
	}
}

// process does one job when there is room for it.
func (w *worker) process(ctx context.Context, job queue.EnrichJob) error {
	if w.equal.Load() {
		ctx = criticality.With(ctx, criticality.Default)
	}
	return w.jobs.do(ctx, func(ctx context.Context) error { return w.enrich(ctx, job) })
}

// enrich processes one job. It is idempotent.
func (w *worker) enrich(ctx context.Context, job queue.EnrichJob) error {
	if !dealid.Valid(job.DealID) {
		return queue.Permanent(fmt.Errorf("deal id: got %q, want an id such as d-00001", job.DealID))
	}
	if err := queue.Step(ctx, stepPrepare, w.work.Do); err != nil {
		return err
	}
	var composed card.Card
	err := queue.Step(ctx, stepCompose, func(ctx context.Context) (err error) {
		composed, err = w.compose(ctx, job.DealID)
		return err
	})
	if err != nil {
		return err
	}
	return queue.Step(ctx, stepStore, func(ctx context.Context) error { return w.cards.Put(ctx, composed) })
}

// compose composes the card of a deal. A deal that does not exist is a permanent failure. A card with too few parts is retried.
func (w *worker) compose(ctx context.Context, dealID string) (card.Card, error) {
	composed, warnings, err := w.composer.ByID(ctx, dealID)
	switch {
	case errors.Is(err, upstream.ErrNotFound):
		return card.Card{}, queue.Permanent(fmt.Errorf("deal %s: %w", dealID, err))
	case err != nil:
		return card.Card{}, err
	case !composed.WorthStoring():
		return card.Card{}, fmt.Errorf("fewer than %d parts of the card: %s", card.MinParts, strings.Join(warnings, ", "))
	}
	return composed, nil
}
