// Package composer composes deal cards from concurrent calls to the domain services.
package composer

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"deals.example/internal/app"
	"deals.example/internal/cache"
	"deals.example/internal/card"
	"deals.example/internal/platform"
	"deals.example/internal/settings"
	"deals.example/internal/upstream"
)

// Config is the addresses of the upstreams, and how long the base data of a deal is kept.
type Config struct {
	DealURL      string
	PriceURL     string
	InventoryURL string
	RatingURL    string
	MerchantURL  string

	DealTTL    time.Duration
	DealMaxAge time.Duration
}

// Declare implements settings.Declarer.
func (c *Config) Declare(s *settings.Set) {
	s.PartURL(&c.DealURL, platform.DealService)
	s.PartURL(&c.PriceURL, platform.PriceService)
	s.PartURL(&c.InventoryURL, platform.InventoryService)
	s.PartURL(&c.RatingURL, platform.RatingLB)
	s.PartURL(&c.MerchantURL, platform.MerchantService)
	s.Duration(&c.DealTTL, "DEAL_CACHE_TTL", time.Minute).Between(time.Millisecond, time.Hour).
		Help("age from which the base data of a deal is fetched anew in the background, give or take a tenth")
	s.Duration(&c.DealMaxAge, "DEAL_CACHE_MAX_AGE", 10*time.Minute).Between(2*time.Millisecond, 24*time.Hour).
		Help("age from which the base data of a deal is served no longer; at least 1.1 of DEAL_CACHE_TTL")
}

const (
	cachedDeals  = 10_000 // deals whose base data is kept, about 300 bytes each
	fetchTimeout = 3 * time.Second
)

// Composer is the client of the domain services. It may be used concurrently. The errors of its methods are those of upstream.Client.
type Composer struct {
	deals, prices, inventories, ratings, merchants *upstream.Client

	pool *upstream.Pool
	base *cache.Cache[string, card.Deal] // by id

	background sync.WaitGroup // calls whose caller did not wait for them
}

// New returns a composer that calls the upstreams through the pool.
func New(pool *upstream.Pool, cfg Config) (*Composer, error) {
	var errs [5]error
	c := &Composer{pool: pool}
	c.deals, errs[0] = pool.Client(platform.DealService, cfg.DealURL)
	c.prices, errs[1] = pool.Client(platform.PriceService, cfg.PriceURL)
	c.inventories, errs[2] = pool.Client(platform.InventoryService, cfg.InventoryURL)
	c.ratings, errs[3] = pool.Client(platform.RatingLB, cfg.RatingURL)
	c.merchants, errs[4] = pool.Client(platform.MerchantService, cfg.MerchantURL)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	var err error
	c.base, err = cache.New(cache.Config{
		Policy: cache.RefreshAhead, TTL: cfg.DealTTL, MaxAge: cfg.DealMaxAge, Size: cachedDeals, Timeout: fetchTimeout,
	}, c.Deal, func(error) {}) // the upstream's client counts failures
	if err != nil {
		return nil, fmt.Errorf("DEAL_CACHE_MAX_AGE: %w", err)
	}
	return c, nil
}

// Build returns a composer whose readiness checks and controls are on rt, and which is closed with rt. The component is ready without the upstreams that
// are not needed.
func Build(rt *app.Runtime, policies upstream.Config, cfg Config, needed ...string) (*Composer, error) {
	pool, err := upstream.NewPool(policies, upstream.Deps{Registry: rt.Registry, Tracers: rt.Tracers, Logger: rt.Logger})
	if err != nil {
		return nil, err
	}
	rt.OnClose("upstreams", func(context.Context) error { pool.Close(); return nil })
	c, err := New(pool, cfg)
	if err != nil {
		return nil, err
	}
	for _, one := range controls(pool, policies) {
		if err := rt.Controls.Add(one); err != nil {
			return nil, err
		}
	}
	rt.OnClose("deal cache", func(context.Context) error { c.Close(); return nil })
	for _, check := range c.Checks() {
		rt.Check(check.Name, slices.Contains(needed, check.Name), check.Ready)
	}
	return c, nil
}

// Close waits for calls in the background. The composer must not be used after it.
func (c *Composer) Close() {
	c.background.Wait()
	c.base.Close()
}

// Saturated reports whether calls wait for the limit of any upstream.
func (c *Composer) Saturated() bool { return c.pool.Saturated() }

// Check is the readiness check of one upstream.
type Check struct {
	Name  string
	Ready func(context.Context) error
}

// Checks returns the readiness checks of the upstreams.
func (c *Composer) Checks() []Check {
	return []Check{
		{platform.DealService, c.deals.Ready},
		{platform.PriceService, c.prices.Ready},
		{platform.InventoryService, c.inventories.Ready},
		{platform.RatingLB, c.ratings.Ready},
		{platform.MerchantService, c.merchants.Ready},
	}
}

// Deal returns the base data of a deal from deal-service.
func (c *Composer) Deal(ctx context.Context, id string) (card.Deal, error) {
	return get[card.Deal](ctx, c.deals, "/deals/"+id, nil)
}

// Deals returns the base data of the first limit deals of a city.
func (c *Composer) Deals(ctx context.Context, city string, limit int) ([]card.Deal, error) {
	type page struct {
		Deals []card.Deal `json:"deals"`
	}
	answer, err := get[page](ctx, c.deals, "/deals", url.Values{"city": {city}, "limit": {strconv.Itoa(limit)}})
	for _, deal := range answer.Deals {
		c.base.Put(deal.ID, deal)
	}
	return answer.Deals, err
}

// Inventory returns the stock of a deal.
func (c *Composer) Inventory(ctx context.Context, dealID string) (card.Inventory, error) {
	return get[card.Inventory](ctx, c.inventories, "/inventory/"+dealID, nil)
}

// Compose returns the card of a deal whose base data is known, and a warning for each part that is missing.
func (c *Composer) Compose(ctx context.Context, deal card.Deal) (card.Card, []string) {
	p := c.begin(ctx, deal.ID)
	c.askMerchant(ctx, p, deal.MerchantID)
	p.asking.Wait()
	return p.composed(deal)
}

// ByID returns the card of a deal, and a warning for each part that is missing. It requests all parts concurrently if the base data of
// the deal is in the cache, else the merchant after it. It returns an error only if there is no base data.
func (c *Composer) ByID(ctx context.Context, id string) (card.Card, []string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	deal, p, err := c.beginByID(ctx, cancel, id)
	if err != nil {
		return card.Card{}, nil, err
	}
	p.asking.Wait()
	composed, warnings := p.composed(deal)
	return composed, warnings, nil
}

// Stored is the stored cards, as Prompt uses them.
type Stored struct {
	Get  func(ctx context.Context, id string) (card.Card, bool) // called at most once
	Save func(ctx context.Context, complete card.Card)          // called at most once, possibly after Prompt has returned
}

// Prompt is ByID for a caller that does not wait for slow parts. Those that have not arrived after patience are taken from the stored card
// if it has all of them, and their names are returned as borrowed. Their calls go on until ctx's deadline, whether or not ctx is canceled,
// and the card that they complete is saved.
func (c *Composer) Prompt(
	ctx context.Context, id string, patience time.Duration, stored Stored,
) (composed card.Card, borrowed, warnings []string, err error) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	calls, detach, cancel := detachable(ctx)
	deal, p, err := c.beginByID(calls, cancel, id)
	if err != nil {
		return card.Card{}, nil, nil, err
	}
	arrived := make(chan struct{})
	go func() { p.asking.Wait(); close(arrived) }()
	select {
	case <-arrived:
	case <-timer.C:
		if from, found := stored.Get(ctx, id); found {
			composed, borrowed, warnings = p.borrow(deal, from)
		}
	}
	if len(borrowed) > 0 {
		detach()
		c.background.Go(func() { defer cancel(); <-arrived; saveComplete(calls, p, deal, stored) })
		return composed, borrowed, warnings, nil
	}
	<-arrived
	cancel()
	composed, warnings = p.composed(deal)
	return composed, nil, warnings, nil
}

// detachable returns a context with the values and the deadline of parent, which ends with parent until detach is called.
func detachable(parent context.Context) (ctx context.Context, detach func(), cancel context.CancelFunc) {
	lasting := context.WithoutCancel(parent)
	if end, bounded := parent.Deadline(); bounded {
		ctx, cancel = context.WithDeadline(lasting, end)
	} else {
		ctx, cancel = context.WithCancel(lasting)
	}
	stop := context.AfterFunc(parent, cancel)
	return ctx, func() { stop() }, cancel
}

// saveComplete saves the card once all of its calls have ended, if all brought their part.
func saveComplete(ctx context.Context, p *parts, deal card.Deal, stored Stored) {
	if complete, warnings := p.composed(deal); len(warnings) == 0 {
		stored.Save(ctx, complete)
	}
}

// beginByID requests all parts of a deal. After an error no call is in progress.
func (c *Composer) beginByID(ctx context.Context, cancel context.CancelFunc, id string) (card.Deal, *parts, error) {
	p := c.begin(ctx, id)
	deal, _, _, err := c.base.Get(ctx, id)
	if err != nil {
		cancel()
		p.asking.Wait()
		return card.Deal{}, nil, err
	}
	c.askMerchant(ctx, p, deal.MerchantID)
	return deal, p, nil
}

func get[T any](ctx context.Context, client *upstream.Client, path string, query url.Values) (answer T, err error) {
	err = client.Get(ctx, path, query, &answer)
	return answer, err
}

// Warning returns the reason for a missing part, for the client.
func Warning(part string, err error) string {
	if failure, ok := errors.AsType[*upstream.Failure](err); ok {
		return failure.Error()
	}
	return fmt.Sprintf("%s: %v", part, err)
}
