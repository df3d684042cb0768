package listing_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/cache"
	"deals.example/internal/card"
	"deals.example/internal/testkit"
	"deals.example/services/experience/listing"
)

func assertCatalogOutcomes(t *testing.T, registry *prometheus.Registry, hits, misses, shared int) {
	t.Helper()
	assert.NoError(t, testutil.GatherAndCompare(registry, strings.NewReader(fmt.Sprintf(`
# HELP experience_catalog_cache_outcomes_total Requests for a page of the base catalog: hit in the in-process cache, miss with a call to deal-service, shared with a call in flight.
# TYPE experience_catalog_cache_outcomes_total counter
experience_catalog_cache_outcomes_total{outcome="hit"} %d
experience_catalog_cache_outcomes_total{outcome="miss"} %d
experience_catalog_cache_outcomes_total{outcome="shared"} %d
`, hits, misses, shared)), "experience_catalog_cache_outcomes_total"))
}

// TestNobodyWaitsForAWarmPage: lists of a warm page are answered at once while its refresh takes a second, and each refresh is one call.
func TestNobodyWaitsForAWarmPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakes()
		l, registry := newListing(t, defaults(), f)
		get(t, l, 20)
		f.page = func(ctx context.Context, _ string, limit int) ([]card.Deal, error) { return deals(limit), slowly(ctx) }
		for range 300 { // 30 s
			begin := time.Now()
			_, err := l.Deals(t.Context(), "valencia", 20)
			require.NoError(t, err)
			assert.Zero(t, time.Since(begin))
			<-time.After(100 * time.Millisecond)
		}
		l.Close()
		assert.InDelta(t, 30/4, f.pages-1, 1, "one call for each TTL of 3 s and second of refresh")
		assertCatalogOutcomes(t, registry, 300, 1, 0)
	})
}

// TestCatalogCacheIsSwitched: 20 readers at each expiry of a page whose fetch takes a second. Nobody waits for a refresh ahead, all wait for
// one fetch in a single flight, and each waits for its own without either.
func TestCatalogCacheIsSwitched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakes()
		l, _ := newListing(t, defaults(), f)
		get(t, l, 20)
		f.page = func(ctx context.Context, _ string, limit int) ([]card.Deal, error) { return deals(limit), slowly(ctx) }
		for range 2 { // there and back
			for policy, want := range map[cache.Policy]struct{ fetches, waited int }{
				cache.RefreshAhead: {1, 0}, cache.SingleFlight: {1, 20}, cache.PlainTTL: {20, 20},
			} {
				require.NoError(t, l.SwitchCatalog(policy))
				<-time.After(5 * time.Second)
				before := f.pages
				var waited atomic.Int32
				var readers sync.WaitGroup
				for range 20 {
					readers.Go(func() {
						begin := time.Now()
						if _, err := l.Deals(t.Context(), "valencia", 20); err != nil || time.Since(begin) > 0 {
							waited.Add(1)
						}
					})
				}
				readers.Wait()
				synctest.Wait()
				<-time.After(time.Second) // for the refresh
				assert.Equal(t, want.fetches, f.pages-before, policy)
				assert.Equal(t, want.waited, int(waited.Load()), policy)
			}
		}
		require.Error(t, l.SwitchCatalog("never"))
		l.Close()
	})
}

func TestPagesAreCachedByCityAndLimit(t *testing.T) {
	f := newFakes()
	l, _ := newListing(t, defaults(), f)
	for range 3 {
		for _, city := range []string{"valencia", "madrid"} {
			for _, limit := range []int{1, 2} {
				base, err := l.Deals(t.Context(), city, limit)
				require.NoError(t, err)
				assert.Len(t, base, limit)
			}
		}
	}
	assert.Equal(t, 4, f.pages)
}

func TestCatalogCacheIsBounded(t *testing.T) {
	f := newFakes()
	l, _ := newListing(t, defaults(), f)
	const limit = 1024
	for i := range limit + 1 {
		_, err := l.Deals(t.Context(), fmt.Sprint("city-", i), 1)
		require.NoError(t, err)
	}
	_, err := l.Deals(t.Context(), "city-0", 1)
	require.NoError(t, err)
	assert.Equal(t, limit+2, f.pages, "the oldest page was evicted")
	_, err = l.Deals(t.Context(), fmt.Sprint("city-", limit), 1)
	require.NoError(t, err)
	assert.Equal(t, limit+2, f.pages)
}

func TestSnapshotAge(t *testing.T) {
	tests := map[string]struct {
		age   time.Duration
		reads int // of ten lists, 50 ms apart
	}{
		"a fifth of a second": {200 * time.Millisecond, 4}, "never used again": {0, 10}, "longer": {time.Second, 1},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f, cfg := newFakes(), defaults()
				cfg.SnapshotAge = tc.age
				f.store(t, 0, deals(20)...)
				l, _ := newListing(t, cfg, f)
				for range 10 {
					assert.Equal(t, 20, get(t, l, 20).Counts.Hits)
					<-time.After(50 * time.Millisecond)
				}
				synctest.Wait()
				assert.Equal(t, tc.reads, f.reads)
			})
		})
	}
}

func TestNextListUsesComposedCards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakes()
		l, _ := newListing(t, defaults(), f)
		for i, want := range []listing.Counts{
			{Misses: 5, LiveFallback: 2, RefreshEnqueued: 5}, {Hits: 2, Misses: 3, LiveFallback: 2}, {Hits: 4, Misses: 1, LiveFallback: 1}, {Hits: 5},
		} {
			assert.Equal(t, want, get(t, l, 5).Counts, i)
		}
		assert.Len(t, f.composed, 5)
	})
}

func TestRefreshesAreClaimedOncePerSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakes()
		f.store(t, 10*time.Minute, deals(3)...)
		l, _ := newListing(t, defaults(), f)
		for range 10 {
			get(t, l, 3)
			<-time.After(100*time.Millisecond - time.Microsecond)
		}
		assert.Len(t, f.refreshed, 3)
		<-time.After(10 * time.Microsecond)
		get(t, l, 3)
		assert.Len(t, f.refreshed, 6)
	})
}

// claimer claims refreshes in Redis, as the experience API does.
type claimer struct {
	*fakes

	store *card.Store
}

func (c claimer) Refresh(ctx context.Context, ids []string) (int, error) {
	claimed, err := c.store.ClaimRefresh(ctx, ids)
	if err != nil {
		return 0, err
	}
	return c.fakes.Refresh(ctx, claimed)
}

func TestReplicasRefreshADealOnceWithinTheCooldown(t *testing.T) {
	server := testkit.Redis(t)
	cfg := card.Config{TTL: time.Minute, StaleAfter: 120 * time.Second, RefreshCooldown: 15 * time.Second}
	first := card.NewStore(server.Client(t), cfg)
	for _, deal := range deals(20) {
		composed, at := whole(deal), time.Now().Add(-10*time.Minute)
		composed.UpdatedAt = &at
		require.NoError(t, first.Put(t.Context(), composed))
	}
	f := newFakes()
	enqueued := 0
	for _, store := range []*card.Store{first, card.NewStore(server.Client(t), cfg)} {
		l, err := listing.New(defaults(), listing.Deps{Deals: f, Cards: store, Composer: f, Refresher: claimer{f, store}, Timeout: timeout})
		require.NoError(t, err)
		for _, page := range together(t, l, 20) {
			assert.Equal(t, 20, page.Counts.Stale)
			enqueued += page.Counts.RefreshEnqueued
		}
	}
	assert.Equal(t, 20, enqueued)
	assert.ElementsMatch(t, idsOf(deals(20)), f.refreshed)
}

// benchmarkListing returns a listing with a real Redis that contains fresh cards of 20 deals.
func benchmarkListing(b *testing.B, cfg listing.Config) *listing.Listing {
	b.Helper()
	store := card.NewStore(testkit.Redis(b).Client(b), card.Config{TTL: time.Hour, StaleAfter: time.Hour, RefreshCooldown: time.Second})
	for _, deal := range deals(20) {
		require.NoError(b, store.Put(b.Context(), whole(deal)))
	}
	f := newFakes()
	l, err := listing.New(cfg, listing.Deps{Deals: f, Cards: store, Composer: f, Refresher: f, Timeout: timeout, Registry: prometheus.NewRegistry()})
	require.NoError(b, err)
	return l
}

// BenchmarkPageWarm measures a page of 20 deals with a current snapshot.
func BenchmarkPageWarm(b *testing.B) {
	l := benchmarkListing(b, defaults())
	b.ReportAllocs()
	for b.Loop() {
		get(b, l, 20)
	}
}

// BenchmarkPageCold measures a page of 20 deals with nothing in process: one catalog call and one round trip to Redis.
func BenchmarkPageCold(b *testing.B) {
	cfg := defaults()
	cfg.CatalogTTL, cfg.SnapshotAge = 1, 0
	l := benchmarkListing(b, cfg)
	b.ReportAllocs()
	for b.Loop() {
		get(b, l, 20)
	}
}
