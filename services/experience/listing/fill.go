package listing

import (
	"context"
	"slices"
	"sync"
	"time"

	"deals.example/internal/card"
)

// refreshTimeout bounds the enqueuing of refreshes.
const refreshTimeout = 250 * time.Millisecond

const redisWarning = "redis unavailable, read model skipped"

// fill answers a page that has stale or missing cards.
func (l *Listing) fill(ctx context.Context, base *basePage, s *snapshot) Page {
	page := Page{Mode: ModeHybrid, Counts: s.counts}
	if s.err != nil {
		page.Warnings = append(page.Warnings, redisWarning)
	}
	var asking sync.WaitGroup
	asking.Go(func() { page.Counts.RefreshEnqueued = l.refresh(ctx, base, s) })
	composed, warnings := l.fallback(ctx, base, s)
	asking.Wait()

	encoded := make([][]byte, len(base.deals))
	for i, deal := range base.deals {
		live, ok := composed[deal.ID]
		switch {
		case s.states[i] != missing:
			encoded[i] = s.entries[i].Encoded
		case ok:
			page.Counts.LiveFallback++
			encoded[i] = encode(live)
		default:
			encoded[i] = encode(card.Bare(deal))
		}
	}
	page.Deals, page.Warnings = array(encoded), append(page.Warnings, warnings...)
	return page
}

// fallback composes the first missing deals, up to the configured number, and stores their cards.
func (l *Listing) fallback(ctx context.Context, base *basePage, s *snapshot) (map[string]card.Card, []string) {
	var deals []card.Deal
	for i, deal := range base.deals {
		if s.states[i] == missing && len(deals) < l.cfg.LiveFallbackMax {
			deals = append(deals, deal)
		}
	}
	cards, warnings := l.compose(ctx, deals)
	composed := make(map[string]card.Card, len(cards))
	stored := false
	for _, one := range cards {
		composed[one.ID] = one
		stored = stored || one.WorthStoring()
	}
	if stored && s.err == nil {
		base.cards.last.CompareAndSwap(s, nil) // the next request sees what was stored
	}
	return composed, warnings
}

// compose composes the deals concurrently, within the limits of the upstreams. Concurrent requests for the same deal share one composition.
func (l *Listing) compose(ctx context.Context, deals []card.Deal) ([]card.Card, []string) {
	cards := make([]card.Card, len(deals))
	warned := make([][]string, len(deals))
	var composing sync.WaitGroup
	for i, deal := range deals {
		composing.Go(func() { cards[i], warned[i] = l.composeOne(ctx, deal) })
	}
	composing.Wait()
	warnings := slices.Concat(warned...)
	slices.Sort(warnings)
	return cards, slices.Compact(warnings)
}

// composition is the result that concurrent requests for a deal share.
type composition struct {
	card     card.Card
	warnings []string
}

func (l *Listing) composeOne(ctx context.Context, deal card.Deal) (card.Card, []string) {
	composed, joined, err := l.compositions.Do(ctx, deal.ID, func(ctx context.Context) (composition, error) {
		l.metrics.composed.Inc()
		composed, warnings := l.deps.Composer.Compose(ctx, deal)
		l.save(ctx, composed)
		return composition{composed, warnings}, nil
	})
	if joined {
		l.metrics.compositionShared.Inc()
	}
	if err != nil {
		return card.Bare(deal), []string{deal.ID + " not composed in time"}
	}
	return composed.card, composed.warnings
}

// save stores a card, unless the read model is off.
func (l *Listing) save(ctx context.Context, composed card.Card) {
	if !l.ReadModel() {
		return
	}
	if err := l.deps.Cards.Save(ctx, composed); err != nil {
		l.deps.Logger.DebugContext(ctx, "live composition not stored", "deal", composed.ID, "error", err)
	}
}

// refresh enqueues refreshes of the stale and missing cards, and returns their number.
func (l *Listing) refresh(ctx context.Context, base *basePage, s *snapshot) int {
	if s.err != nil {
		return 0
	}
	var ids []string
	for i, id := range base.ids {
		if s.states[i] != fresh && l.recent.claim(id) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return 0
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refreshTimeout)
	defer cancel()
	asked, err := l.deps.Refresher.Refresh(ctx, ids)
	if err != nil {
		l.deps.Logger.WarnContext(ctx, "refreshes not enqueued", "deals", len(ids), "enqueued", asked, "error", err)
	}
	return asked
}
