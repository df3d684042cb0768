// Package experience is the experience API, the only component that clients call. It aggregates the answers of the domain services, lists
// deals from the hybrid read model, enqueues purchases and batches of enrichment jobs, and computes heavy hashes in a bad and a good way.
package experience

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"deals.example/internal/app"
	"deals.example/internal/card"
	"deals.example/internal/city"
	"deals.example/internal/composer"
	"deals.example/internal/platform"
	"deals.example/internal/purchase"
	"deals.example/internal/queue"
	"deals.example/internal/settings"
	"deals.example/internal/upstream"
	"deals.example/services/experience/admission"
	"deals.example/services/experience/hash"
	"deals.example/services/experience/listing"
)

// Config is the settings of the experience API.
type Config struct {
	RequestTimeout time.Duration
	DetailPatience time.Duration
	WarmUp         bool
	QueueThreshold int
	Cities         city.List
	Services       composer.Config
	Upstream       upstream.Config
	Redis          app.RedisConfig
	ReadModel      card.Config
	Listing        listing.Config
	Hash           hash.Config
}

// Declare implements settings.Declarer.
func (c *Config) Declare(s *settings.Set) {
	s.Duration(&c.RequestTimeout, "REQUEST_TIMEOUT", 2500*time.Millisecond).Between(50*time.Millisecond, 60*time.Second).
		Help("how long a request may wait for upstreams and Redis in total; parts that are missing by then are left out")
	s.Duration(&c.DetailPatience, "DETAIL_PATIENCE", 250*time.Millisecond).Between(time.Millisecond, 60*time.Second).
		Help("how long a detail waits for live parts before it takes those that are missing from the stored card")
	s.Bool(&c.WarmUp, "READ_MODEL_WARM_UP", true).
		Help("true fetches the first deals of each city at the start and has their cards made")
	s.Int(&c.QueueThreshold, "ENRICHMENT_QUEUE_THRESHOLD", 1000).Between(1, 10_000_000).
		Help("depth of the enrichment queue at which batches are refused with 429")
	c.Cities.Declare(s)
	c.Services.Declare(s)
	c.Upstream.Declare(s)
	c.Redis.Declare(s)
	c.ReadModel.Declare(s)
	c.Listing.Declare(s)
	c.Hash.Declare(s)
}

// Defaults returns the defaults of settings that differ from those of other components.
func Defaults() map[string]string { return map[string]string{"GOGC": "100"} }

// Build puts the API on rt.
func Build(_ context.Context, rt *app.Runtime, cfg Config) error {
	s := &server{cfg: cfg, logger: rt.Logger, metrics: newMetrics(rt.Registry)}
	var err error
	cache, err := rt.Redis(cfg.Redis)
	if err != nil {
		return err
	}
	s.cards = card.NewStore(cache, cfg.ReadModel)
	// After Redis, so that it is closed before: it stores cards in the background.
	if s.composer, err = composer.Build(rt, cfg.Upstream, cfg.Services, platform.DealService); err != nil {
		return err
	}
	if s.purchases, err = purchase.NewStore(cache); err != nil {
		return err
	}
	if s.jobs, err = newJobs(rt, cfg); err != nil {
		return err
	}
	s.refresher = refresher{s.cards, s.jobs}
	s.listing, err = listing.New(cfg.Listing, listing.Deps{
		Deals: s.composer, Cards: s.cards, Composer: s.composer, Refresher: s.refresher,
		Timeout: cfg.RequestTimeout, Logger: rt.Logger, Registry: rt.Registry,
	})
	if err != nil {
		return err
	}
	rt.OnClose("lists", func(context.Context) error { s.listing.Close(); return nil })
	if err := errors.Join(s.addControls(rt.Controls), addRedisControl(rt, cfg.Redis)); err != nil {
		return err
	}
	s.hashes = hash.NewPool(cfg.Hash, rt.Registry)
	rt.OnClose("hash pool", func(context.Context) error { s.hashes.Close(); return nil })
	if err := s.buildGate(rt); err != nil {
		return err
	}
	if cfg.WarmUp {
		rt.Go("warm-up", s.warmUp)
	}
	s.routes(rt.Router)
	return nil
}

// buildGate builds the gate of the requests, with its controls.
func (s *server) buildGate(rt *app.Runtime) (err error) {
	if s.gate, err = admission.New(rt.Registry); err != nil {
		return err
	}
	rt.Go("admission", s.gate.Run)
	for _, c := range s.gate.Controls() {
		if err := rt.Controls.Add(c); err != nil {
			return err
		}
	}
	return nil
}

// server answers the calls of the API.
type server struct {
	cfg       Config
	logger    *slog.Logger
	metrics   *metrics
	composer  *composer.Composer
	cards     *card.Store
	purchases *purchase.Store
	jobs      *queue.Client
	refresher refresher
	listing   *listing.Listing
	hashes    *hash.Pool
	gate      *admission.Gate
}

// newJobs returns the client of the queues, which samples their depths while the component runs.
func newJobs(rt *app.Runtime, cfg Config) (*queue.Client, error) {
	rdb, err := rt.QueueRedis(cfg.Redis)
	if err != nil {
		return nil, err
	}
	jobs, err := queue.NewClient(rdb, queue.Deps{
		Threshold: cfg.QueueThreshold, Registry: rt.Registry, Tracers: rt.Tracers, Logger: rt.Logger,
	})
	if err != nil {
		return nil, err
	}
	rt.Go("queue sampler", jobs.Run)
	return jobs, nil
}

// refresher enqueues jobs that renew cards, at most one per deal within the cooldown.
type refresher struct {
	cards *card.Store
	jobs  *queue.Client
}

// Refresh enqueues a job for each deal whose refresh no replica has claimed within the cooldown, and returns their number.
func (r refresher) Refresh(ctx context.Context, dealIDs []string) (int, error) {
	claimed, err := r.cards.ClaimRefresh(ctx, dealIDs)
	if err != nil || len(claimed) == 0 {
		return 0, err
	}
	enqueued, err := r.jobs.EnqueueRefresh(ctx, claimed)
	if err != nil {
		err = errors.Join(fmt.Errorf("enqueue refreshes: %w", err), r.cards.ReleaseRefresh(ctx, claimed))
	}
	return enqueued, err
}
