// Package enrichment is the enrichment worker: it composes deal cards from the four upstreams and writes them to the read model.
package enrichment

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"deals.example/internal/app"
	"deals.example/internal/catalog"
	"deals.example/internal/enrich"
	"deals.example/internal/fault"
	"deals.example/internal/queue"
	"deals.example/internal/readmodel"
	"deals.example/internal/upstream"
)

const dealService = "deal-service"

// Steps of a job, as metrics and traces name them.
const (
	stepPrepare = "prepare"
	stepCompose = "compose"
	stepStore   = "store"
)

// Config is the settings of the worker.
type Config struct {
	Concurrency int `env:"ENRICHMENT_WORKER_CONCURRENCY" envDefault:"20" validate:"min=1,max=1000" help:"enrichment jobs worked on at once"`

	WorkMin   time.Duration `env:"FAULT_ENRICHMENT_LATENCY_MIN" envDefault:"10ms" validate:"min=0s,max=30s" help:"least time of an enrichment job's own work, uniform up to FAULT_ENRICHMENT_LATENCY_MAX"`
	WorkMax   time.Duration `env:"FAULT_ENRICHMENT_LATENCY_MAX" envDefault:"45ms" validate:"min=0s,max=30s" help:"greatest time of an enrichment job's own work"`
	FaultRate float64       `env:"FAULT_ENRICHMENT_RATE" envDefault:"0.04" validate:"min=0,max=1" help:"share of attempts at an enrichment job that fail synthetically"`

	DealURL   string `env:"DEAL_SERVICE_URL" envDefault:"http://127.0.0.1:3001" validate:"http_url" help:"deal-service"`
	Enrich    enrich.Config
	Upstream  upstream.Config
	Redis     app.RedisConfig
	ReadModel readmodel.Config
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
	server, err := queue.NewServer(rdb, queue.ServerConfig{Concurrency: cfg.Concurrency}, deps, w.enrich)
	if err != nil {
		return err
	}
	rt.OnDrain("jobs", server.Shutdown)
	return server.Start(ctx)
}

// worker does the jobs.
type worker struct {
	work     fault.Work
	deals    *upstream.Client
	composer *enrich.Composer
	cards    *readmodel.Store
}

func newWorker(rt *app.Runtime, cfg Config) (*worker, error) {
	work, err := fault.NewWork(cfg.WorkMin, cfg.WorkMax, cfg.FaultRate)
	if err != nil {
		return nil, fmt.Errorf("FAULT_ENRICHMENT_LATENCY_MIN, FAULT_ENRICHMENT_LATENCY_MAX: %w", err)
	}
	pool, err := upstream.NewPool(cfg.Upstream, upstream.Deps{Registry: rt.Registry, Tracers: rt.Tracers, Logger: rt.Logger})
	if err != nil {
		return nil, err
	}
	rt.OnClose("upstreams", func(context.Context) error { pool.Close(); return nil })
	deals, err := pool.Client(dealService, cfg.DealURL)
	if err != nil {
		return nil, err
	}
	rt.Check(dealService, false, deals.Ready)
	composer, err := enrich.NewComposer(pool, cfg.Enrich)
	if err != nil {
		return nil, err
	}
	for name, client := range composer.Upstreams() {
		rt.Check(name, false, client.Ready)
	}
	rdb, err := rt.Redis(cfg.Redis)
	if err != nil {
		return nil, err
	}
	return &worker{work: work, deals: deals, composer: composer, cards: readmodel.NewStore(rdb, cfg.ReadModel)}, nil
}

// enrich does one job. Doing it twice writes the same card twice.
func (w *worker) enrich(ctx context.Context, job queue.EnrichJob) error {
	if !catalog.ValidDealID(job.DealID) {
		return queue.Permanent(fmt.Errorf("%q is no deal's id", job.DealID))
	}
	if err := queue.Step(ctx, stepPrepare, w.work.Do); err != nil {
		return err
	}
	var card readmodel.Card
	err := queue.Step(ctx, stepCompose, func(ctx context.Context) (err error) {
		card, err = w.compose(ctx, job.DealID)
		return err
	})
	if err != nil {
		return err
	}
	return queue.Step(ctx, stepStore, func(ctx context.Context) error { return w.cards.Put(ctx, card) })
}

// compose asks the deal service and, at the same time, the upstreams that need no more than the deal's id; then the merchant.
func (w *worker) compose(ctx context.Context, dealID string) (readmodel.Card, error) {
	parts := w.composer.Begin(ctx, dealID)
	var deal catalog.Deal
	if err := w.deals.Get(ctx, "/deals/"+dealID, nil, &deal); err != nil {
		parts.Wait()
		if errors.Is(err, upstream.ErrNotFound) {
			return readmodel.Card{}, queue.Permanent(fmt.Errorf("deal %s: %w", dealID, err))
		}
		return readmodel.Card{}, err
	}
	parts.Merchant(ctx, deal.MerchantID)
	card, warnings := parts.Card(deal)
	if !enrich.Worth(card) {
		return readmodel.Card{}, fmt.Errorf("fewer than %d upstreams answered: %s", enrich.LeastParts, strings.Join(warnings, ", "))
	}
	return card, nil
}
