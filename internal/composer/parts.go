package composer

import (
	"context"
	"slices"
	"sync"
	"time"

	"deals.example/internal/card"
	"deals.example/internal/upstream"
)

// parts collects the parts of a card from concurrent calls.
type parts struct {
	asking sync.WaitGroup

	mu       sync.Mutex
	card     card.Card
	warnings []string
	pending  []string // parts whose calls are in progress
}

// begin requests the parts that need only the id of the deal.
func (c *Composer) begin(ctx context.Context, dealID string) *parts {
	p := &parts{pending: []string{"price", "inventory", "rating", "merchant"}}
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
		i := slices.Index(p.pending, part)
		if i < 0 { // borrowed meanwhile
			return
		}
		p.pending = slices.Delete(p.pending, i, i+1)
		if err != nil {
			p.warnings = append(p.warnings, Warning(part, err))
			return
		}
		*into = &answer
	})
}

// borrow takes the pending parts from another card, if it has all of them, and returns their names.
func (p *parts) borrow(from card.Card) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, part := range p.pending {
		if slices.Contains(from.Missing, part) {
			return nil
		}
	}
	for _, part := range p.pending {
		switch part {
		case "price":
			p.card.Price = from.Price
		case "inventory":
			p.card.Inventory = from.Inventory
		case "rating":
			p.card.Rating = from.Rating
		case "merchant":
			p.card.Merchant = from.Merchant
		}
	}
	borrowed := p.pending
	p.pending = nil
	return borrowed
}

// composed returns the card.
func (p *parts) composed(deal card.Deal) (card.Card, []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now().UTC()
	p.card.Deal, p.card.UpdatedAt = deal, &now
	return p.card.WithMissing(), p.warnings
}
