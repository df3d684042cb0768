// Package listing is the hybrid read model behind GET /api/deals: the base catalog from a short in-process cache, deal cards
// from Redis, and for the few that are missing a composition on the spot, while a refresh is enqueued.
//
//	catalog page (in process, TTL with jitter, one flight a key)
//	  └ snapshot of its cards (in process, a fraction of a second old at most, one round trip to Redis)
//	      ├ fresh    served as stored
//	      ├ stale    served as stored, refresh enqueued
//	      └ missing  composed live for the first few, the rest served bare, refresh enqueued
package listing

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/singleflight"

	"deals.example/internal/catalog"
	"deals.example/internal/readmodel"
)

// Modes of a listing, as answers name them.
const (
	ModeHybrid = "hybrid-read-model"
	ModeFanOut = "live-fan-out"
)

// Config is the settings of a listing.
type Config struct {
	Enabled         bool          `env:"HYBRID_READ_MODEL_ENABLED" envDefault:"true" help:"false composes every deal of every list live, which is what the read model saves"`
	LiveFallbackMax int           `env:"READ_MODEL_LIVE_FALLBACK_MAX" envDefault:"2" validate:"min=0,max=100" help:"deals of one list that may be composed live when their card is missing"`
	CatalogTTL      time.Duration `env:"BASE_DEALS_CACHE_TTL" envDefault:"3s" validate:"min=1ms,max=10m" help:"how long a page of the base catalog is kept in process, give or take a tenth"`
	SnapshotAge     time.Duration `env:"READ_MODEL_SNAPSHOT_AGE" envDefault:"200ms" validate:"min=0s,max=1s" help:"how long the cards read for a page are used again in process; 0 reads Redis for every request"`
}

// Deals is where the base catalog comes from.
type Deals interface {
	Page(ctx context.Context, city string, limit int) ([]catalog.Deal, error)
}

// Cards is where deal cards are kept.
type Cards interface {
	Get(ctx context.Context, ids []string) ([]readmodel.Entry, error)
	Put(ctx context.Context, card readmodel.Card) error
	Stale(updatedAt, now time.Time) bool
}

// Composer composes a card live. It returns a warning for each part that is missing.
type Composer interface {
	Compose(ctx context.Context, deal catalog.Deal) (readmodel.Card, []string)
}

// Refresher has the cards of deals renewed in the background, and returns for how many it has just asked.
type Refresher interface {
	Refresh(ctx context.Context, dealIDs []string) (int, error)
}

// Deps is what a Listing needs. All but Logger and Registry are required.
type Deps struct {
	Deals     Deals
	Cards     Cards
	Composer  Composer
	Refresher Refresher
	Logger    *slog.Logger
	Registry  prometheus.Registerer
}

// Counts says how the deals of a list were come by.
type Counts struct {
	Hits            int `json:"hits"`
	Stale           int `json:"stale"`
	Misses          int `json:"misses"`
	LiveFallback    int `json:"liveFallback"`
	RefreshEnqueued int `json:"refreshEnqueued"`
}

// Page is a list of deals, ready to be sent.
type Page struct {
	Deals    []byte // a JSON array of readmodel.Card; shared, must not be changed
	Mode     string
	Warnings []string
	Counts   Counts
}

// Listing answers lists. It may be used concurrently.
type Listing struct {
	cfg     Config
	deps    Deps
	catalog *catalogCache
	metrics *metrics

	live   singleflight.Group // of compositions, by deal
	recent *recently          // refreshes asked for by this process
}

// New returns a listing.
func New(cfg Config, deps Deps) (*Listing, error) {
	if deps.Deals == nil || deps.Cards == nil || deps.Composer == nil || deps.Refresher == nil {
		return nil, errors.New("listing: Deals, Cards, Composer and Refresher are required")
	}
	if deps.Logger == nil {
		deps.Logger = slog.New(slog.DiscardHandler)
	}
	metrics := newMetrics(deps.Registry)
	pages, err := newCatalogCache(deps.Deals, cfg.CatalogTTL, metrics)
	if err != nil {
		return nil, fmt.Errorf("listing: %w", err)
	}
	recent, err := newRecently()
	if err != nil {
		return nil, fmt.Errorf("listing: %w", err)
	}
	return &Listing{cfg: cfg, deps: deps, catalog: pages, metrics: metrics, recent: recent}, nil
}

// Page lists the first limit deals of a city. The error is that of the base catalog; whatever else fails is a warning.
func (l *Listing) Page(ctx context.Context, city string, limit int) (Page, error) {
	base, err := l.catalog.page(ctx, city, limit)
	if err != nil {
		return Page{}, err
	}
	if !l.cfg.Enabled {
		return l.fanOut(ctx, base.deals), nil
	}
	page := l.hybrid(ctx, base)
	l.metrics.count(page.Counts)
	return page, nil
}

// Deals returns the base data of the first limit deals of a city, from the same cache as Page.
func (l *Listing) Deals(ctx context.Context, city string, limit int) ([]catalog.Deal, error) {
	base, err := l.catalog.page(ctx, city, limit)
	if err != nil {
		return nil, err
	}
	return base.deals, nil
}

// hybrid answers from the snapshot alone when every card is fresh: the case that has to be fast.
func (l *Listing) hybrid(ctx context.Context, base *basePage) Page {
	snapshot := l.snapshot(ctx, base)
	if snapshot.fresh() {
		return Page{Deals: snapshot.encoded, Mode: ModeHybrid, Counts: snapshot.counts}
	}
	return l.fill(ctx, base, snapshot)
}

// fanOut composes every deal live: one call for the catalog and four for each deal, as it was before there was a read model.
func (l *Listing) fanOut(ctx context.Context, deals []catalog.Deal) Page {
	cards, warnings := l.compose(ctx, deals)
	encoded := make([][]byte, len(cards))
	for i, card := range cards {
		encoded[i] = encode(card)
	}
	return Page{Deals: array(encoded), Mode: ModeFanOut, Warnings: warnings}
}
