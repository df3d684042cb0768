// Package listing is the hybrid read model behind GET /api/deals. The base catalog comes from a short in-process cache and deal cards from
// Redis. The first few missing cards are composed live, and refreshes are enqueued for all that are stale or missing.
//
//	catalog page (in process, refreshed ahead of its expiry)
//	  └ snapshot of its cards (in process, at most a fraction of a second old, one round trip to Redis)
//	      ├ fresh    served as stored
//	      ├ stale    served as stored, refresh enqueued
//	      └ missing  composed live for the first few, the rest served bare, refresh enqueued
package listing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"deals.example/internal/cache"
	"deals.example/internal/card"
	"deals.example/internal/flight"
	"deals.example/internal/settings"
)

// Modes of a listing, as answers name them.
const (
	ModeHybrid = "hybrid-read-model"
	ModeFanOut = "live-fan-out"
)

// Config is the settings of a listing.
type Config struct {
	Enabled         bool
	LiveFallbackMax int
	CatalogPolicy   cache.Policy
	CatalogTTL      time.Duration
	CatalogMaxAge   time.Duration
	SnapshotAge     time.Duration
}

// Declare implements settings.Declarer.
func (c *Config) Declare(s *settings.Set) {
	s.Bool(&c.Enabled, "HYBRID_READ_MODEL_ENABLED", true).
		Help("false composes every deal of every list live, which is what the read model saves")
	s.Int(&c.LiveFallbackMax, "READ_MODEL_LIVE_FALLBACK_MAX", 2).Between(0, 100).
		Help("deals of one list that may be composed live when their card is missing")
	s.Text((*string)(&c.CatalogPolicy), "BASE_DEALS_CACHE_POLICY", string(cache.RefreshAhead)).OneOf(cache.PolicyNames()...).
		Help("who waits when a page of the base catalog is due: nobody, all readers for one call, or each for its own")
	s.Duration(&c.CatalogTTL, "BASE_DEALS_CACHE_TTL", 3*time.Second).Between(time.Millisecond, 10*time.Minute).
		Help("age from which a page of the base catalog is fetched anew, give or take a tenth")
	s.Duration(&c.CatalogMaxAge, "BASE_DEALS_CACHE_MAX_AGE", 12*time.Second).Between(2*time.Millisecond, time.Hour).
		Help("refresh-ahead: age from which a page is served no longer; at least 1.1 of BASE_DEALS_CACHE_TTL")
	s.Duration(&c.SnapshotAge, "READ_MODEL_SNAPSHOT_AGE", 200*time.Millisecond).Between(0, time.Second).
		Help("how long the cards read for a page are used again in process; 0 reads Redis for every request")
}

// Deals is where the base catalog comes from.
type Deals interface {
	Deals(ctx context.Context, city string, limit int) ([]card.Deal, error)
}

// Cards is where deal cards are kept.
type Cards interface {
	Get(ctx context.Context, ids []string) ([]card.Entry, error)
	Save(ctx context.Context, card card.Card) error
	Stale(updatedAt, now time.Time) bool
}

// Composer composes a card live. It returns a warning for each part that is missing.
type Composer interface {
	Compose(ctx context.Context, deal card.Deal) (card.Card, []string)
}

// Refresher enqueues refreshes of the cards of deals, and returns how many it has enqueued.
type Refresher interface {
	Refresh(ctx context.Context, dealIDs []string) (int, error)
}

// Deps is what a Listing needs. Logger and Registry are optional.
type Deps struct {
	Deals     Deals
	Cards     Cards
	Composer  Composer
	Refresher Refresher
	Timeout   time.Duration // of a call that concurrent requests share
	Logger    *slog.Logger
	Registry  prometheus.Registerer
}

// Counts is the number of deals of a list by where their card came from, and the refreshes enqueued.
type Counts struct {
	Hits            int `json:"hits"`
	Stale           int `json:"stale"`
	Misses          int `json:"misses"`
	LiveFallback    int `json:"liveFallback"`
	RefreshEnqueued int `json:"refreshEnqueued"`
}

// Page is a list of deals, ready to be sent.
type Page struct {
	Deals    []byte // a JSON array of card.Card; shared, must not be changed
	Mode     string
	Warnings []string
	Counts   Counts
}

// Listing answers lists. It may be used concurrently.
type Listing struct {
	cfg     Config
	deps    Deps
	catalog *catalog
	metrics *metrics

	readModel atomic.Bool

	reads        *flight.Group[*pageCards, *snapshot]
	compositions *flight.Group[string, composition] // by deal
	recent       *recently                          // refreshes that this process claimed
}

// New returns a listing.
func New(cfg Config, deps Deps) (*Listing, error) {
	if deps.Deals == nil || deps.Cards == nil || deps.Composer == nil || deps.Refresher == nil || deps.Timeout <= 0 {
		return nil, errors.New("listing: Deals, Cards, Composer, Refresher and Timeout are required")
	}
	if deps.Logger == nil {
		deps.Logger = slog.New(slog.DiscardHandler)
	}
	metrics := newMetrics(deps.Registry)
	pages, err := newCatalog(cfg, deps, metrics)
	if err != nil {
		return nil, fmt.Errorf("listing: %w", err)
	}
	recent, err := newRecently()
	if err != nil {
		return nil, fmt.Errorf("listing: %w", err)
	}
	l := &Listing{
		cfg: cfg, deps: deps, catalog: pages, metrics: metrics, recent: recent,
		reads:        flight.New[*pageCards, *snapshot](readTimeout),
		compositions: flight.New[string, composition](deps.Timeout),
	}
	l.SwitchReadModel(cfg.Enabled)
	return l, nil
}

// Close waits for the calls in flight. The listing must not be used after it.
func (l *Listing) Close() {
	l.catalog.pages.Close()
	l.reads.Wait()
	l.compositions.Wait()
}

// ReadModel reports whether lists are served from the read model.
func (l *Listing) ReadModel() bool { return l.readModel.Load() }

// SwitchReadModel changes whether lists are served from the read model, or composed live.
func (l *Listing) SwitchReadModel(on bool) { l.readModel.Store(on) }

// SwitchCatalog changes who waits when a page of the base catalog is due.
func (l *Listing) SwitchCatalog(policy cache.Policy) error { return l.catalog.pages.Switch(policy) }

// Page lists the first limit deals of a city. The error is that of the base catalog. Any other failure is a warning of the page.
func (l *Listing) Page(ctx context.Context, city string, limit int) (Page, error) {
	base, err := l.catalog.page(ctx, city, limit)
	if err != nil {
		return Page{}, err
	}
	if !l.ReadModel() {
		l.metrics.bypass.Add(float64(len(base.deals)))
		return l.fanOut(ctx, base.deals), nil
	}
	page := l.hybrid(ctx, base)
	l.metrics.count(page.Counts)
	return page, nil
}

// Deals returns the base data of the first limit deals of a city, from the same cache as Page.
func (l *Listing) Deals(ctx context.Context, city string, limit int) ([]card.Deal, error) {
	base, err := l.catalog.page(ctx, city, limit)
	if err != nil {
		return nil, err
	}
	return base.deals, nil
}

// hybrid answers from the snapshot alone if every card is fresh. This is the fast path.
func (l *Listing) hybrid(ctx context.Context, base *basePage) Page {
	snapshot := l.snapshot(ctx, base)
	if snapshot.fresh() {
		return Page{Deals: snapshot.encoded, Mode: ModeHybrid, Counts: snapshot.counts}
	}
	return l.fill(ctx, base, snapshot)
}

// fanOut composes every deal live, with four calls for each. This is what the read model saves.
func (l *Listing) fanOut(ctx context.Context, deals []card.Deal) Page {
	cards, warnings := l.compose(ctx, deals)
	encoded := make([][]byte, len(cards))
	for i, one := range cards {
		encoded[i] = encode(one)
	}
	return Page{Deals: array(encoded), Mode: ModeFanOut, Warnings: warnings}
}
