package listing

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"deals.example/internal/cache"
	"deals.example/internal/card"
)

// catalogPages is how many pages of the base catalog are kept: more than every city at every limit.
const catalogPages = 1024

// pageKey names a page of the base catalog: the first limit deals of a city.
type pageKey struct {
	city  string
	limit int
}

// basePage is a page of the base catalog.
type basePage struct {
	deals []card.Deal
	ids   []string
	cards *pageCards
}

// pageCards holds the cards last read for a page. A page shares them with the page that replaces it if that has the same deals, so that a
// read in progress serves both.
type pageCards struct {
	last atomic.Pointer[snapshot]
}

// catalog keeps pages of the base catalog.
type catalog struct {
	pages   *cache.Cache[pageKey, *basePage]
	metrics *metrics
}

func newCatalog(cfg Config, deps Deps, metrics *metrics) (*catalog, error) {
	c := &catalog{metrics: metrics}
	fetch := func(ctx context.Context, key pageKey) (*basePage, error) {
		metrics.pageFetched.Inc()
		deals, err := deps.Deals.Deals(ctx, key.city, key.limit)
		if err != nil {
			return nil, err
		}
		return c.newPage(key, deals), nil
	}
	refreshed := func(err error) {
		if err != nil {
			deps.Logger.Warn("page of the base catalog not refreshed", "error", err)
		}
	}
	var err error
	c.pages, err = cache.New(cache.Config{
		Policy: cfg.CatalogPolicy, TTL: cfg.CatalogTTL, MaxAge: cfg.CatalogMaxAge, Size: catalogPages, Timeout: deps.Timeout,
	}, fetch, refreshed)
	if err != nil {
		return nil, fmt.Errorf("BASE_DEALS_CACHE_MAX_AGE: %w", err)
	}
	return c, nil
}

func (c *catalog) newPage(key pageKey, deals []card.Deal) *basePage {
	page := &basePage{deals: deals, ids: idsOf(deals)}
	if old, ok := c.pages.Peek(key); ok && slices.Equal(old.ids, page.ids) {
		page.cards = old.cards
	} else {
		page.cards = &pageCards{}
	}
	return page
}

func (c *catalog) page(ctx context.Context, city string, limit int) (*basePage, error) {
	page, age, outcome, err := c.pages.Get(ctx, pageKey{city, limit})
	c.metrics.page(outcome, age)
	return page, err
}

func idsOf(deals []card.Deal) []string {
	ids := make([]string, len(deals))
	for i, deal := range deals {
		ids[i] = deal.ID
	}
	return ids
}
