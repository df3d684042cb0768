// Package composer composes deal cards from concurrent calls to the domain services.
package composer

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"sync"
	"time"

	"deals.example/internal/card"
	"deals.example/internal/platform"
	"deals.example/internal/settings"
	"deals.example/internal/upstream"
)

// Config is the addresses of the upstreams.
type Config struct {
	DealURL      string
	PriceURL     string
	InventoryURL string
	RatingURL    string
	MerchantURL  string
}

// Declare implements settings.Declarer.
func (c *Config) Declare(s *settings.Set) {
	s.PartURL(&c.DealURL, platform.DealService)
	s.PartURL(&c.PriceURL, platform.PriceService)
	s.PartURL(&c.InventoryURL, platform.InventoryService)
	s.PartURL(&c.RatingURL, platform.RatingLB)
	s.PartURL(&c.MerchantURL, platform.MerchantService)
}

// Composer is the client of the domain services. It may be used concurrently. The errors of its methods are those of upstream.Client.
type Composer struct {
	deals, prices, inventories, ratings, merchants *upstream.Client
}

// New returns a composer that calls the upstreams through the pool.
func New(pool *upstream.Pool, cfg Config) (*Composer, error) {
	var errs [5]error
	c := &Composer{}
	c.deals, errs[0] = pool.Client(platform.DealService, cfg.DealURL)
	c.prices, errs[1] = pool.Client(platform.PriceService, cfg.PriceURL)
	c.inventories, errs[2] = pool.Client(platform.InventoryService, cfg.InventoryURL)
	c.ratings, errs[3] = pool.Client(platform.RatingLB, cfg.RatingURL)
	c.merchants, errs[4] = pool.Client(platform.MerchantService, cfg.MerchantURL)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	return c, nil
}

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

// Deal returns the base data of a deal.
func (c *Composer) Deal(ctx context.Context, id string) (card.Deal, error) {
	return get[card.Deal](ctx, c.deals, "/deals/"+id, nil)
}

// Deals returns the base data of the first limit deals of a city.
func (c *Composer) Deals(ctx context.Context, city string, limit int) ([]card.Deal, error) {
	type page struct {
		Deals []card.Deal `json:"deals"`
	}
	answer, err := get[page](ctx, c.deals, "/deals", url.Values{"city": {city}, "limit": {strconv.Itoa(limit)}})
	return answer.Deals, err
}

// Inventory returns the stock of a deal.
func (c *Composer) Inventory(ctx context.Context, dealID string) (card.Inventory, error) {
	return get[card.Inventory](ctx, c.inventories, "/inventory/"+dealID, nil)
}

// Compose returns the card of a deal whose base data is known, and a warning for each part that is missing.
func (c *Composer) Compose(ctx context.Context, deal card.Deal) (card.Card, []string) {
	parts := c.begin(ctx, deal.ID)
	c.askMerchant(ctx, parts, deal.MerchantID)
	return parts.wait(deal)
}

// ByID returns the card of a deal, and a warning for each part that is missing. It requests the base data, price, inventory and
// rating concurrently, and the merchant after the base data. It returns an error only if deal-service fails.
func (c *Composer) ByID(ctx context.Context, id string) (card.Card, []string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	parts := c.begin(ctx, id)
	deal, err := c.Deal(ctx, id)
	if err != nil {
		cancel()
		parts.asking.Wait()
		return card.Card{}, nil, err
	}
	c.askMerchant(ctx, parts, deal.MerchantID)
	composed, warnings := parts.wait(deal)
	return composed, warnings, nil
}

// parts collects the parts of a card from concurrent calls.
type parts struct {
	asking sync.WaitGroup

	mu       sync.Mutex
	card     card.Card
	warnings []string
}

// begin requests the parts that need only the id of the deal.
func (c *Composer) begin(ctx context.Context, dealID string) *parts {
	p := &parts{}
	ask(ctx, p, c.prices, "price", "/price/"+dealID, &p.card.Price)
	ask(ctx, p, c.inventories, "inventory", "/inventory/"+dealID, &p.card.Inventory)
	ask(ctx, p, c.ratings, "rating", "/rating/"+dealID, &p.card.Rating)
	return p
}

func (c *Composer) askMerchant(ctx context.Context, p *parts, id string) {
	ask(ctx, p, c.merchants, "merchant", "/merchant/"+id, &p.card.Merchant)
}

func ask[T any](ctx context.Context, p *parts, client *upstream.Client, part, path string, into **T) {
	p.asking.Go(func() {
		answer, err := get[T](ctx, client, path, nil)
		p.mu.Lock()
		defer p.mu.Unlock()
		if err != nil {
			p.warnings = append(p.warnings, Warning(part, err))
			return
		}
		*into = &answer
	})
}

// wait waits for the parts and returns the card.
func (p *parts) wait(deal card.Deal) (card.Card, []string) {
	p.asking.Wait()
	now := time.Now().UTC()
	p.card.Deal, p.card.UpdatedAt = deal, &now
	return p.card.WithMissing(), p.warnings
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
