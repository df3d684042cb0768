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
		p.pending = slices.DeleteFunc(p.pending, func(pending string) bool { return pending == part })
		if err != nil {
			p.warnings = append(p.warnings, Warning(part, err))
			return
		}
		*into = &answer
	})
}

// borrow returns the card with its pending parts from another card, their names, and a warning for each part that has failed. There are no
// names if the other card lacks a pending part, or nothing is pending.
func (p *parts) borrow(deal card.Deal, from card.Card) (mixed card.Card, borrowed, warnings []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	borrowed, mixed = slices.Clone(p.pending), p.card
	for _, part := range borrowed {
		if slices.Contains(from.Missing, part) {
			return card.Card{}, nil, nil
		}
		switch part {
		case "price":
			mixed.Price = from.Price
		case "inventory":
			mixed.Inventory = from.Inventory
		case "rating":
			mixed.Rating = from.Rating
		case "merchant":
			mixed.Merchant = from.Merchant
		}
	}
	return finished(mixed, deal), borrowed, slices.Clone(p.warnings)
}

// composed returns the card of the parts that have arrived, and a warning for each that has failed.
func (p *parts) composed(deal card.Deal) (card.Card, []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return finished(p.card, deal), p.warnings
}

func finished(c card.Card, deal card.Deal) card.Card {
	now := time.Now().UTC()
	c.Deal, c.UpdatedAt = deal, &now
	return c.WithMissing()
}
