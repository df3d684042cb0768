// Package experience is the experience API, the only door for clients: it aggregates what the domain services know, lists deals from
// the hybrid read model, takes purchases and batches of work into the queues, and does heavy hashes in a bad and a good way.
package experience

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"time"

	"deals.example/internal/app"
	"deals.example/internal/catalog"
	"deals.example/internal/enrich"
	"deals.example/internal/purchase"
	"deals.example/internal/queue"
	"deals.example/internal/readmodel"
	"deals.example/internal/upstream"
	"deals.example/services/experience/hash"
	"deals.example/services/experience/listing"
)

const dealService = "deal-service"

// Config is the settings of the experience API.
type Config struct {
	RequestTimeout time.Duration `env:"REQUEST_TIMEOUT" envDefault:"2500ms" validate:"min=50ms,max=60s" help:"how long a request may wait for upstreams and Redis in all; what is not there by then is left out"`
	QueueThreshold int           `env:"ENRICHMENT_QUEUE_THRESHOLD" envDefault:"1000" validate:"min=1,max=10000000" help:"depth of the enrichment queue from which batches are refused with 429"`
	DealURL        string        `env:"DEAL_SERVICE_URL" envDefault:"http://127.0.0.1:3001" validate:"http_url" help:"deal-service"`
	Enrich         enrich.Config
	Upstream       upstream.Config
	Redis          app.RedisConfig
	ReadModel      readmodel.Config
	Listing        listing.Config
	Hash           hash.Config
}

// Build puts the API on rt.
func Build(_ context.Context, rt *app.Runtime, cfg Config) error {
	pool, err := upstream.NewPool(cfg.Upstream, upstream.Deps{Registry: rt.Registry, Tracers: rt.Tracers, Logger: rt.Logger})
	if err != nil {
		return err
	}
	rt.OnClose("upstreams", func(context.Context) error { pool.Close(); return nil })
	s := &server{cfg: cfg, logger: rt.Logger, metrics: newMetrics(rt.Registry)}
	for _, connect := range []func() error{
		func() error { return s.connectUpstreams(rt, pool) },
		func() error { return s.connectRedis(rt) },
		func() error { return s.makeListing(rt) },
	} {
		if err := connect(); err != nil {
			return err
		}
	}
	s.hashes = hash.NewPool(cfg.Hash, rt.Registry)
	rt.OnClose("hash pool", func(context.Context) error { s.hashes.Close(); return nil })
	s.routes(rt.Router)
	return nil
}

// server answers the calls of the API.
type server struct {
	cfg       Config
	logger    *slog.Logger
	metrics   *metrics
	deals     *upstream.Client
	composer  *enrich.Composer
	cards     *readmodel.Store
	jobs      *queue.Client
	purchases *purchase.Store
	listing   *listing.Listing
	hashes    *hash.Pool
}

func (s *server) connectUpstreams(rt *app.Runtime, pool *upstream.Pool) (err error) {
	if s.deals, err = pool.Client(dealService, s.cfg.DealURL); err != nil {
		return err
	}
	if s.composer, err = enrich.NewComposer(pool, s.cfg.Enrich); err != nil {
		return err
	}
	rt.Check(dealService, true, s.deals.Ready)
	for name, client := range s.composer.Upstreams() {
		rt.Check(name, false, client.Ready)
	}
	return nil
}

func (s *server) connectRedis(rt *app.Runtime) error {
	client, err := rt.Redis(s.cfg.Redis)
	if err != nil {
		return err
	}
	forQueues, err := rt.QueueRedis(s.cfg.Redis)
	if err != nil {
		return err
	}
	s.cards = readmodel.NewStore(client, s.cfg.ReadModel)
	if s.purchases, err = purchase.NewStore(client); err != nil {
		return err
	}
	s.jobs, err = queue.NewClient(forQueues, queue.Deps{
		Threshold: s.cfg.QueueThreshold, Registry: rt.Registry, Tracers: rt.Tracers, Logger: rt.Logger,
	})
	if err != nil {
		return err
	}
	rt.Go("queue sampler", s.jobs.Run)
	return nil
}

func (s *server) makeListing(rt *app.Runtime) (err error) {
	s.listing, err = listing.New(s.cfg.Listing, listing.Deps{
		Deals: catalogClient{s.deals}, Cards: s.cards, Composer: s.composer, Refresher: refresher{s.cards, s.jobs},
		Logger: rt.Logger, Registry: rt.Registry,
	})
	return err
}

// catalogClient gets the base catalog from deal-service.
type catalogClient struct {
	deals *upstream.Client
}

// Page returns the first limit deals of a city.
func (c catalogClient) Page(ctx context.Context, city string, limit int) ([]catalog.Deal, error) {
	var page struct {
		Deals []catalog.Deal `json:"deals"`
	}
	err := c.deals.Get(ctx, "/deals", url.Values{"city": {city}, "limit": {strconv.Itoa(limit)}}, &page)
	return page.Deals, err
}

// refresher has cards renewed by jobs, at most one for a deal within the cooldown.
type refresher struct {
	cards *readmodel.Store
	jobs  *queue.Client
}

// Refresh enqueues a job for each deal that no replica has enqueued one for lately.
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
