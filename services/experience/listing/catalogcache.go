package listing

import (
	"context"
	"math/rand/v2"
	"strconv"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/sync/singleflight"

	"deals.example/internal/catalog"
)

// catalogPages is how many pages of the base catalog are kept: every city at every limit.
const catalogPages = 1024

// basePage is a page of the base catalog, with the cards last read for it.
type basePage struct {
	deals    []catalog.Deal
	ids      []string
	expires  time.Time
	snapshot atomic.Pointer[snapshot]
	reads    singleflight.Group // of snapshots; the page's own, since the page that replaces it may have other deals
}

// catalogCache keeps pages of the base catalog for a while. Requests for a page that is not there share one call.
type catalogCache struct {
	deals   Deals
	ttl     time.Duration
	metrics *metrics
	pages   *lru.Cache[string, *basePage]
	flights singleflight.Group
}

func newCatalogCache(deals Deals, ttl time.Duration, metrics *metrics) (*catalogCache, error) {
	pages, err := lru.New[string, *basePage](catalogPages)
	if err != nil {
		return nil, err
	}
	return &catalogCache{deals: deals, ttl: ttl, metrics: metrics, pages: pages}, nil
}

func (c *catalogCache) page(ctx context.Context, city string, limit int) (*basePage, error) {
	key := city + "/" + strconv.Itoa(limit)
	if page := c.kept(key); page != nil {
		c.metrics.catalogHit.Inc()
		return page, nil
	}
	c.metrics.catalogMiss.Inc()
	return shared(ctx, &c.flights, key, func(ctx context.Context) (*basePage, error) {
		if page := c.kept(key); page != nil { // brought by a flight that landed while this one was called
			return page, nil
		}
		deals, err := c.deals.Page(ctx, city, limit)
		if err != nil {
			return nil, err
		}
		page := &basePage{deals: deals, ids: idsOf(deals), expires: time.Now().Add(jitter(c.ttl))}
		c.pages.Add(key, page)
		return page, nil
	})
}

// kept returns the page that is in the cache, nil when there is none or it has expired.
func (c *catalogCache) kept(key string) *basePage {
	if page, ok := c.pages.Get(key); ok && time.Now().Before(page.expires) {
		return page
	}
	return nil
}

// jitter spreads d by a tenth each way, so that pages read together do not expire together.
func jitter(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.9 + 0.2*rand.Float64())) //nolint:gosec // no secret
}

func idsOf(deals []catalog.Deal) []string {
	ids := make([]string, len(deals))
	for i, deal := range deals {
		ids[i] = deal.ID
	}
	return ids
}

// shared runs f once for all who ask for key at the same time. A caller that goes away leaves the others their answer: f runs with
// the values and the deadline of the first caller's context, but not its cancellation.
func shared[T any](ctx context.Context, flights *singleflight.Group, key string, f func(context.Context) (T, error)) (T, error) {
	answer := flights.DoChan(key, func() (any, error) {
		own, cancel := detached(ctx)
		defer cancel()
		return f(own)
	})
	select {
	case result := <-answer:
		value, _ := result.Val.(T)
		return value, result.Err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

func detached(ctx context.Context) (context.Context, context.CancelFunc) {
	own := context.WithoutCancel(ctx)
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(own, deadline)
	}
	return own, func() {}
}
