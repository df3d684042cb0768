package listing

import (
	"context"
	"slices"
	"sync"
	"time"

	"deals.example/internal/catalog"
	"deals.example/internal/enrich"
	"deals.example/internal/readmodel"
)

// writeTimeout bounds the storing of a card that was composed live, and the asking for refreshes.
const writeTimeout = 250 * time.Millisecond

const redisWarning = "redis unavailable, read model skipped"

// fill answers a page of which some cards are stale or missing.
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
		card, live := composed[deal.ID]
		switch {
		case s.states[i] != missing:
			encoded[i] = s.entries[i].Encoded
		case live:
			page.Counts.LiveFallback++
			encoded[i] = encode(card)
		default:
			encoded[i] = encode(readmodel.Bare(deal))
		}
	}
	page.Deals, page.Warnings = array(encoded), append(page.Warnings, warnings...)
	return page
}

// fallback composes the first missing deals, as many as are allowed, and stores their cards.
func (l *Listing) fallback(ctx context.Context, base *basePage, s *snapshot) (map[string]readmodel.Card, []string) {
	var deals []catalog.Deal
	for i, deal := range base.deals {
		if s.states[i] == missing && len(deals) < l.cfg.LiveFallbackMax {
			deals = append(deals, deal)
		}
	}
	cards, warnings := l.compose(ctx, deals)
	composed := make(map[string]readmodel.Card, len(cards))
	stored := false
	for _, card := range cards {
		composed[card.ID] = card
		stored = stored || enrich.Worth(card)
	}
	if stored && s.err == nil {
		base.snapshot.CompareAndSwap(s, nil) // the next request sees what was stored
	}
	return composed, warnings
}

// compose composes the deals live, in parallel within the fan-out cap. Requests that want the same deal share one composition.
func (l *Listing) compose(ctx context.Context, deals []catalog.Deal) ([]readmodel.Card, []string) {
	cards := make([]readmodel.Card, len(deals))
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

// composition is what requests for the same deal share.
type composition struct {
	card     readmodel.Card
	warnings []string
}

func (l *Listing) composeOne(ctx context.Context, deal catalog.Deal) (readmodel.Card, []string) {
	composed, err := shared(ctx, &l.live, deal.ID, func(ctx context.Context) (composition, error) {
		card, warnings := l.deps.Composer.Compose(ctx, deal)
		l.store(ctx, card)
		return composition{card, warnings}, nil
	})
	if err != nil {
		return readmodel.Bare(deal), []string{deal.ID + " not composed in time"}
	}
	return composed.card, composed.warnings
}

func (l *Listing) store(ctx context.Context, card readmodel.Card) {
	if !enrich.Worth(card) {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	if err := l.deps.Cards.Put(ctx, card); err != nil {
		l.deps.Logger.DebugContext(ctx, "live composition not stored", "deal", card.ID, "error", err)
	}
}

// refresh asks for new cards where they are stale or missing, and returns how many refreshes that made.
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
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	asked, err := l.deps.Refresher.Refresh(ctx, ids)
	if err != nil {
		l.deps.Logger.WarnContext(ctx, "refreshes not enqueued", "deals", len(ids), "enqueued", asked, "error", err)
	}
	return asked
}
