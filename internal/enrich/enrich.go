// Package enrich composes deal cards: it asks price, inventory, rating and merchant at once and puts together what they answer.
package enrich

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"deals.example/internal/catalog"
	"deals.example/internal/readmodel"
	"deals.example/internal/upstream"
)

// LeastParts is how many of the four parts a card must have to be worth storing.
const LeastParts = 2

// Names under which the upstreams appear in metrics, traces and warnings.
const (
	PriceService     = "price-service"
	InventoryService = "inventory-service"
	RatingService    = "rating-lb"
	MerchantService  = "merchant-service"
)

// Config is where the upstreams are.
type Config struct {
	PriceURL     string `env:"PRICE_SERVICE_URL" envDefault:"http://127.0.0.1:3002" validate:"http_url" help:"price-service"`
	InventoryURL string `env:"INVENTORY_SERVICE_URL" envDefault:"http://127.0.0.1:3003" validate:"http_url" help:"inventory-service"`
	RatingURL    string `env:"RATING_SERVICE_URL" envDefault:"http://127.0.0.1:3014" validate:"http_url" help:"rating-lb"`
	MerchantURL  string `env:"MERCHANT_SERVICE_URL" envDefault:"http://127.0.0.1:3005" validate:"http_url" help:"merchant-service"`
}

// Composer composes deal cards. It may be used concurrently.
type Composer struct {
	Price, Inventory, Rating, Merchant *upstream.Client
}

// NewComposer returns a composer that calls the upstreams through the pool.
func NewComposer(pool *upstream.Pool, cfg Config) (*Composer, error) {
	c := &Composer{}
	for _, u := range []struct {
		client    **upstream.Client
		name, url string
	}{
		{&c.Price, PriceService, cfg.PriceURL},
		{&c.Inventory, InventoryService, cfg.InventoryURL},
		{&c.Rating, RatingService, cfg.RatingURL},
		{&c.Merchant, MerchantService, cfg.MerchantURL},
	} {
		client, err := pool.Client(u.name, u.url)
		if err != nil {
			return nil, err
		}
		*u.client = client
	}
	return c, nil
}

// Upstreams goes over the four by name.
func (c *Composer) Upstreams() iter.Seq2[string, *upstream.Client] {
	return func(yield func(string, *upstream.Client) bool) {
		_ = yield(PriceService, c.Price) && yield(InventoryService, c.Inventory) &&
			yield(RatingService, c.Rating) && yield(MerchantService, c.Merchant)
	}
}

// Compose asks the four upstreams for the parts of a deal, all at once. A part that fails is nil in the card, named in its Missing, and
// has a warning. Compose itself never fails; the card of a deal whose every upstream failed is bare.
func (c *Composer) Compose(ctx context.Context, deal catalog.Deal) (readmodel.Card, []string) {
	parts := c.Begin(ctx, deal.ID)
	parts.Merchant(ctx, deal.MerchantID)
	return parts.Card(deal)
}

// Begin asks for the parts that need no more than the deal's id. The caller asks for the merchant once it knows which, then takes the card.
func (c *Composer) Begin(ctx context.Context, dealID string) *Parts {
	p := &Parts{composer: c}
	ask(ctx, p, c.Price, "price", "/price/"+dealID, &p.card.Price)
	ask(ctx, p, c.Inventory, "inventory", "/inventory/"+dealID, &p.card.Inventory)
	ask(ctx, p, c.Rating, "rating", "/rating/"+dealID, &p.card.Rating)
	return p
}

// Parts is a card of which the parts are on their way.
type Parts struct {
	composer *Composer
	asked    sync.WaitGroup

	mu       sync.Mutex
	card     readmodel.Card
	warnings []string
}

// Merchant asks for the merchant.
func (p *Parts) Merchant(ctx context.Context, id string) {
	ask(ctx, p, p.composer.Merchant, "merchant", "/merchant/"+id, &p.card.Merchant)
}

// Card waits for all that was asked and returns the card, with a warning for each part that is missing.
func (p *Parts) Card(deal catalog.Deal) (readmodel.Card, []string) {
	p.asked.Wait()
	now := time.Now().UTC()
	p.card.Deal, p.card.UpdatedAt = deal, &now
	return p.card.WithMissing(), p.warnings
}

// Wait waits for all that was asked, for a caller that has no use for the card.
func (p *Parts) Wait() { p.asked.Wait() }

func ask[T any](ctx context.Context, p *Parts, client *upstream.Client, part, path string, into **T) {
	p.asked.Go(func() {
		var answer T
		err := client.Get(ctx, path, nil, &answer)
		p.mu.Lock()
		defer p.mu.Unlock()
		if err != nil {
			p.warnings = append(p.warnings, Warning(part, err))
			return
		}
		*into = &answer
	})
}

// Warning says for a client why a part is missing.
func Warning(part string, err error) string {
	if failure, ok := errors.AsType[*upstream.Failure](err); ok {
		return failure.Error()
	}
	return fmt.Sprintf("%s: %v", part, err)
}

// Worth reports whether a card has parts enough to be stored.
func Worth(card readmodel.Card) bool {
	const parts = 4
	return parts-len(card.Missing) >= LeastParts
}
