package listing_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"deals.example/internal/cache"
	"deals.example/internal/card"
	"deals.example/services/experience/listing"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakes implements the dependencies of a listing. Tests may replace each function. Calls are counted.
type fakes struct {
	page    func(ctx context.Context, city string, limit int) ([]card.Deal, error)
	get     func(ctx context.Context, ids []string) ([]card.Entry, error)
	compose func(ctx context.Context, deal card.Deal) (card.Card, []string)
	refresh func(ctx context.Context, ids []string) (int, error)

	mu        sync.Mutex
	stored    map[string]card.Entry
	pages     int
	reads     int
	composed  []string
	refreshed []string
}

func newFakes() *fakes {
	f := &fakes{stored: map[string]card.Entry{}}
	f.page = func(_ context.Context, _ string, limit int) ([]card.Deal, error) { return deals(limit), nil }
	f.get = f.read
	f.compose = func(_ context.Context, deal card.Deal) (card.Card, []string) { return whole(deal), nil }
	f.refresh = func(_ context.Context, ids []string) (int, error) { return len(ids), nil }
	return f
}

func (f *fakes) Deals(ctx context.Context, city string, limit int) ([]card.Deal, error) {
	f.mu.Lock()
	f.pages++
	f.mu.Unlock()
	return f.page(ctx, city, limit)
}

func (f *fakes) Get(ctx context.Context, ids []string) ([]card.Entry, error) {
	f.mu.Lock()
	f.reads++
	f.mu.Unlock()
	return f.get(ctx, ids)
}

// read returns what is stored.
func (f *fakes) read(_ context.Context, ids []string) ([]card.Entry, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	entries := make([]card.Entry, len(ids))
	for i, id := range ids {
		entries[i] = f.stored[id]
	}
	return entries, nil
}

func (f *fakes) Save(_ context.Context, composed card.Card) error {
	if !composed.WorthStoring() {
		return nil
	}
	encoded, err := json.Marshal(composed)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stored[composed.ID] = card.Entry{Encoded: encoded, UpdatedAt: *composed.UpdatedAt}
	return nil
}

func (f *fakes) Stale(updatedAt, now time.Time) bool { return now.Sub(updatedAt) >= 120*time.Second }

func (f *fakes) Compose(ctx context.Context, deal card.Deal) (card.Card, []string) {
	f.mu.Lock()
	f.composed = append(f.composed, deal.ID)
	f.mu.Unlock()
	return f.compose(ctx, deal)
}

func (f *fakes) Refresh(ctx context.Context, ids []string) (int, error) {
	f.mu.Lock()
	f.refreshed = append(f.refreshed, ids...)
	f.mu.Unlock()
	return f.refresh(ctx, ids)
}

// store adds cards of that age to the read model.
func (f *fakes) store(tb testing.TB, age time.Duration, deals ...card.Deal) {
	tb.Helper()
	for _, deal := range deals {
		composed, at := whole(deal), time.Now().Add(-age).UTC()
		composed.UpdatedAt = &at
		require.NoError(tb, f.Save(tb.Context(), composed))
	}
}

// deals returns n deals of a city.
func deals(n int) []card.Deal {
	list := make([]card.Deal, n)
	for i := range list {
		list[i] = card.Deal{ID: fmt.Sprintf("d-%05d", i+1), City: "valencia", MerchantID: "m-001", Currency: "EUR"}
	}
	return list
}

func idsOf(deals []card.Deal) []string {
	ids := make([]string, len(deals))
	for i, deal := range deals {
		ids[i] = deal.ID
	}
	return ids
}

// whole returns a card with all parts.
func whole(deal card.Deal) card.Card {
	now := time.Now().UTC()
	return card.Card{
		Deal: deal, Price: &card.Price{DealID: deal.ID}, Inventory: &card.Inventory{DealID: deal.ID},
		Rating: &card.Rating{DealID: deal.ID}, Merchant: &card.Merchant{ID: deal.MerchantID}, Missing: []string{}, UpdatedAt: &now,
	}
}

// timeout of the calls that lists share.
const timeout = 2500 * time.Millisecond

func defaults() listing.Config {
	return listing.Config{Enabled: true, LiveFallbackMax: 2, CatalogPolicy: cache.RefreshAhead, CatalogTTL: 3 * time.Second, CatalogMaxAge: 12 * time.Second, SnapshotAge: 200 * time.Millisecond}
}

func newListing(tb testing.TB, cfg listing.Config, f *fakes) (*listing.Listing, *prometheus.Registry) {
	tb.Helper()
	registry := prometheus.NewRegistry()
	l, err := listing.New(cfg, listing.Deps{Deals: f, Cards: f, Composer: f, Refresher: f, Timeout: timeout, Registry: registry})
	require.NoError(tb, err)
	tb.Cleanup(l.Close)
	return l, registry
}

// cardsOf decodes a page.
func cardsOf(t *testing.T, page listing.Page) []card.Card {
	t.Helper()
	var cards []card.Card
	require.NoError(t, json.Unmarshal(page.Deals, &cards), string(page.Deals))
	return cards
}

// get returns a page of valencia.
func get(tb testing.TB, l *listing.Listing, limit int) listing.Page {
	tb.Helper()
	page, err := l.Page(tb.Context(), "valencia", limit)
	require.NoError(tb, err)
	return page
}

func TestReadModelOutcomes(t *testing.T) {
	tests := map[string]struct {
		fresh, stale, missing int // deals in this order
		fallback              int
		want                  listing.Counts
		composed              int
	}{
		"all fresh":            {20, 0, 0, 2, listing.Counts{Hits: 20}, 0},
		"all stale":            {0, 20, 0, 2, listing.Counts{Stale: 20, RefreshEnqueued: 20}, 0},
		"none known":           {0, 0, 20, 2, listing.Counts{Misses: 20, LiveFallback: 2, RefreshEnqueued: 20}, 2},
		"one missing":          {19, 0, 1, 2, listing.Counts{Hits: 19, Misses: 1, LiveFallback: 1, RefreshEnqueued: 1}, 1},
		"some of each":         {10, 5, 5, 2, listing.Counts{Hits: 10, Stale: 5, Misses: 5, LiveFallback: 2, RefreshEnqueued: 10}, 2},
		"no fallback":          {10, 5, 5, 0, listing.Counts{Hits: 10, Stale: 5, Misses: 5, RefreshEnqueued: 10}, 0},
		"more than are needed": {0, 0, 3, 100, listing.Counts{Misses: 3, LiveFallback: 3, RefreshEnqueued: 3}, 3},
		"one deal":             {1, 0, 0, 2, listing.Counts{Hits: 1}, 0},
		"no deals":             {0, 0, 0, 2, listing.Counts{}, 0},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			f, cfg := newFakes(), defaults()
			cfg.LiveFallbackMax = tc.fallback
			all := deals(tc.fresh + tc.stale + tc.missing)
			f.store(t, 119*time.Second, all[:tc.fresh]...)
			f.store(t, 121*time.Second, all[tc.fresh:tc.fresh+tc.stale]...)
			l, registry := newListing(t, cfg, f)

			page := get(t, l, len(all))
			assert.Equal(t, listing.ModeHybrid, page.Mode)
			assert.Equal(t, tc.want, page.Counts)
			assert.Empty(t, page.Warnings)
			assert.Len(t, f.composed, tc.composed)
			assert.ElementsMatch(t, idsOf(all[tc.fresh:]), f.refreshed, "exactly the cards that are not fresh")

			cards := cardsOf(t, page)
			require.Len(t, cards, len(all))
			known := tc.fresh + tc.stale + tc.composed
			for i, one := range cards {
				assert.Equal(t, all[i], one.Deal)
				assert.Equal(t, i < known, one.Price != nil, "the first missing cards are composed, the others are bare")
				assert.Equal(t, i < known, len(one.Missing) == 0)
			}
			assertOutcomes(t, registry, tc.want, 0)
		})
	}
}

func assertOutcomes(t *testing.T, registry *prometheus.Registry, c listing.Counts, bypass int) {
	t.Helper()
	assert.NoError(t, testutil.GatherAndCompare(registry, strings.NewReader(fmt.Sprintf(`
# HELP experience_read_model_outcomes_total Deals of lists: hit, stale or miss in the read model, or bypass with the read model off; live_fallback: misses that were composed live; refresh_enqueued: refreshes that lists enqueued.
# TYPE experience_read_model_outcomes_total counter
experience_read_model_outcomes_total{outcome="bypass"} %d
experience_read_model_outcomes_total{outcome="hit"} %d
experience_read_model_outcomes_total{outcome="live_fallback"} %d
experience_read_model_outcomes_total{outcome="miss"} %d
experience_read_model_outcomes_total{outcome="refresh_enqueued"} %d
experience_read_model_outcomes_total{outcome="stale"} %d
`, bypass, c.Hits, c.LiveFallback, c.Misses, c.RefreshEnqueued, c.Stale)), "experience_read_model_outcomes_total"))
}

func assertCompositions(t *testing.T, registry *prometheus.Registry, made, shared int) {
	t.Helper()
	assert.NoError(t, testutil.GatherAndCompare(registry, strings.NewReader(fmt.Sprintf(`
# HELP experience_list_compositions_total Deals that lists had composed live: made with four upstream calls, or shared with a composition in flight.
# TYPE experience_list_compositions_total counter
experience_list_compositions_total{outcome="made"} %d
experience_list_compositions_total{outcome="shared"} %d
`, made, shared)), "experience_list_compositions_total"))
}

func TestStoredCardsAreNotReencoded(t *testing.T) {
	f := newFakes()
	f.store(t, 0, deals(2)...)
	l, _ := newListing(t, defaults(), f)
	want := "[" + string(f.stored["d-00001"].Encoded) + "," + string(f.stored["d-00002"].Encoded) + "]"
	assert.Equal(t, want, string(get(t, l, 2).Deals))
}

func TestReadModelFails(t *testing.T) {
	f := newFakes()
	f.get = func(context.Context, []string) ([]card.Entry, error) {
		return nil, errors.New("connection refused")
	}
	l, registry := newListing(t, defaults(), f)
	page := get(t, l, 20)
	want := listing.Counts{Misses: 20, LiveFallback: 2}
	assert.Equal(t, want, page.Counts)
	assert.Equal(t, []string{"redis unavailable, read model skipped"}, page.Warnings)
	assert.Len(t, cardsOf(t, page), 20)
	assert.Empty(t, f.refreshed, "the queue is in the same Redis")
	assertOutcomes(t, registry, want, 0)
}

func TestRefreshFails(t *testing.T) {
	f := newFakes()
	f.refresh = func(context.Context, []string) (int, error) { return 3, errors.New("connection lost") }
	l, _ := newListing(t, defaults(), f)
	page := get(t, l, 20)
	assert.Equal(t, 3, page.Counts.RefreshEnqueued)
	assert.Empty(t, page.Warnings)
}

func TestCatalogFails(t *testing.T) {
	f := newFakes()
	gone := errors.New("deal-service timeout")
	f.page = func(context.Context, string, int) ([]card.Deal, error) { return nil, gone }
	l, _ := newListing(t, defaults(), f)
	_, err := l.Page(t.Context(), "valencia", 20)
	require.ErrorIs(t, err, gone)
	_, err = l.Deals(t.Context(), "valencia", 20)
	require.ErrorIs(t, err, gone)
	assert.Equal(t, 2, f.pages, "an error is not kept")
}

func TestWarningsAreUnique(t *testing.T) {
	f := newFakes()
	f.compose = func(_ context.Context, deal card.Deal) (card.Card, []string) {
		composed := whole(deal)
		composed.Rating, composed.Price = nil, nil
		return composed.WithMissing(), []string{"rating-lb timeout", "price-service unavailable"}
	}
	l, _ := newListing(t, defaults(), f)
	page := get(t, l, 20)
	assert.Equal(t, []string{"price-service unavailable", "rating-lb timeout"}, page.Warnings)
	assert.Equal(t, []string{"price", "rating"}, cardsOf(t, page)[0].Missing)
}

func TestReadModelDisabled(t *testing.T) {
	f, cfg := newFakes(), defaults()
	cfg.Enabled = false
	f.store(t, 0, deals(20)...)
	l, registry := newListing(t, cfg, f)
	page := get(t, l, 20)
	assert.Equal(t, listing.ModeFanOut, page.Mode)
	assert.Equal(t, listing.Counts{}, page.Counts)
	assert.Len(t, f.composed, 20)
	assert.Zero(t, f.reads)
	assert.Empty(t, f.refreshed)
	cards := cardsOf(t, page)
	assert.True(t, slices.IsSortedFunc(cards, func(a, b card.Card) int { return strings.Compare(a.ID, b.ID) }))
	assertOutcomes(t, registry, listing.Counts{}, 20)
	assertCompositions(t, registry, 20, 0)
}

// TestReadModelIsSwitched: without the read model a list composes every deal live, and with it again none that is stored.
func TestReadModelIsSwitched(t *testing.T) {
	f := newFakes()
	f.store(t, 0, deals(20)...)
	l, registry := newListing(t, defaults(), f)
	for _, on := range []bool{false, true} {
		before := len(f.composed)
		l.SwitchReadModel(on)
		page := get(t, l, 20)
		if on {
			assert.Equal(t, listing.ModeHybrid, page.Mode)
			assert.Equal(t, listing.Counts{Hits: 20}, page.Counts)
			assert.Len(t, f.composed, before)
			continue
		}
		assert.Equal(t, listing.ModeFanOut, page.Mode)
		assert.Len(t, f.composed, before+20)
	}
	assertOutcomes(t, registry, listing.Counts{Hits: 20}, 20)
}

func TestRequiredDeps(t *testing.T) {
	f := newFakes()
	whole := listing.Deps{Deals: f, Cards: f, Composer: f, Refresher: f, Timeout: timeout}
	for name, without := range map[string]func(*listing.Deps){
		"Deals":     func(d *listing.Deps) { d.Deals = nil },
		"Cards":     func(d *listing.Deps) { d.Cards = nil },
		"Composer":  func(d *listing.Deps) { d.Composer = nil },
		"Refresher": func(d *listing.Deps) { d.Refresher = nil },
		"Timeout":   func(d *listing.Deps) { d.Timeout = 0 },
	} {
		deps := whole
		without(&deps)
		_, err := listing.New(defaults(), deps)
		require.ErrorContains(t, err, name)
	}
	_, err := listing.New(defaults(), whole)
	assert.NoError(t, err)
}
