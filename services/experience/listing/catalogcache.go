package listing

import (
	"context"
	"math/rand/v2"
	"strconv"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"deals.example/internal/card"
	"deals.example/internal/flight"
)

// catalogPages is how many pages of the base catalog are kept: more than every city at every limit.
const catalogPages = 1024

// basePage is a page of the base catalog, with the cards last read for it.
type basePage struct {
	deals    []card.Deal
	ids      []string
	expires  time.Time
	snapshot atomic.Pointer[snapshot]
}

// catalogCache keeps pages of the base catalog for a while. Concurrent requests for a page that is not kept share one call.
type catalogCache struct {
	deals   Deals
	ttl     time.Duration
	metrics *metrics
	pages   *lru.Cache[string, *basePage]
	flights *flight.Group[string, *basePage]
}

func newCatalogCache(deals Deals, ttl, timeout time.Duration, metrics *metrics) (*catalogCache, error) {
	pages, err := lru.New[string, *basePage](catalogPages)
	if err != nil {
		return nil, err
	}
	return &catalogCache{deals: deals, ttl: ttl, metrics: metrics, pages: pages, flights: flight.New[string, *basePage](timeout)}, nil
}

func (c *catalogCache) page(ctx context.Context, city string, limit int) (*basePage, error) {
	key := city + "/" + strconv.Itoa(limit)
	if page := c.kept(key); page != nil {
		c.metrics.pageHit.Inc()
		return page, nil
	}
	page, joined, err := c.flights.Do(ctx, key, func(ctx context.Context) (*basePage, error) {
		if page := c.kept(key); page != nil { // a flight landed since this caller looked
			c.metrics.pageHit.Inc()
			return page, nil
		}
		c.metrics.pageMiss.Inc()
		deals, err := c.deals.Deals(ctx, city, limit)
		if err != nil {
			return nil, err
		}
		page := &basePage{deals: deals, ids: idsOf(deals), expires: time.Now().Add(jitter(c.ttl))}
		c.pages.Add(key, page)
		return page, nil
	})
	if joined {
		c.metrics.pageShared.Inc()
	}
	return page, err
}

// kept returns the page in the cache, or nil if there is none or it has expired.
func (c *catalogCache) kept(key string) *basePage {
	if page, ok := c.pages.Get(key); ok && time.Now().Before(page.expires) {
		return page
	}
	return nil
}

// jitter returns d plus or minus up to a tenth, so that pages read together do not expire together.
func jitter(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.9 + 0.2*rand.Float64())) //nolint:gosec // no secret
}

func idsOf(deals []card.Deal) []string {
	ids := make([]string, len(deals))
	for i, deal := range deals {
		ids[i] = deal.ID
	}
	return ids
}
