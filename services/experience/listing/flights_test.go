package listing_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/card"
	"deals.example/services/experience/listing"
)

// slowly makes a part take a second, unless its context ends before.
func slowly(ctx context.Context) error {
	select {
	case <-time.After(time.Second):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// slowCompose composes a card in a second; one that is interrupted is bare.
func slowCompose(ctx context.Context, deal card.Deal) (card.Card, []string) {
	if slowly(ctx) != nil {
		return card.Bare(deal), []string{"interrupted"}
	}
	return whole(deal), nil
}

// together asks for the same page 100 times at once and returns the pages.
func together(t *testing.T, l *listing.Listing, limit int) []listing.Page {
	t.Helper()
	pages := make([]listing.Page, 100)
	var asking sync.WaitGroup
	for i := range pages {
		asking.Go(func() {
			var err error
			pages[i], err = l.Page(t.Context(), "valencia", limit)
			assert.NoError(t, err)
		})
	}
	asking.Wait()
	return pages
}

func TestCallersAtTheSameTimeShareOneCall(t *testing.T) {
	tests := map[string]func(f *fakes){
		"of the catalog": func(f *fakes) {
			f.page = func(ctx context.Context, _ string, limit int) ([]card.Deal, error) {
				return deals(limit), slowly(ctx)
			}
		},
		"of the read model": func(f *fakes) {
			f.get = func(ctx context.Context, ids []string) ([]card.Entry, error) {
				if err := slowly(ctx); err == nil {
					return nil, context.DeadlineExceeded
				}
				return f.read(ctx, ids) // a read may take a quarter of a second
			}
		},
		"of each composition": func(*fakes) {},
	}
	for name, slow := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakes()
				f.compose = slowCompose
				slow(f)
				l, registry := newListing(t, defaults(), f)
				for _, page := range together(t, l, 20) {
					assert.Len(t, cardsOf(t, page), 20)
					assert.Equal(t, 2, page.Counts.LiveFallback)
				}
				assertCompositions(t, registry, 2, 2*99)
				assert.Equal(t, 1, f.pages)
				assert.Equal(t, 1, f.reads)
				assert.ElementsMatch(t, []string{"d-00001", "d-00002"}, f.composed)
			})
		})
	}
}

func TestFirstCallerThatGoesAwayLeavesTheOthersTheirAnswer(t *testing.T) {
	tests := map[string]struct {
		slow func(f *fakes)
		err  bool // of who went away; else it gets a page with what there was
	}{
		"from the catalog": {func(f *fakes) {
			f.page = func(ctx context.Context, _ string, limit int) ([]card.Deal, error) {
				return deals(limit), slowly(ctx)
			}
		}, true},
		"from compositions": {func(*fakes) {}, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFakes()
				f.compose = slowCompose
				tc.slow(f)
				l, _ := newListing(t, defaults(), f)
				first, leave := context.WithCancel(t.Context())
				var asking sync.WaitGroup
				asking.Go(func() {
					page, err := l.Page(first, "valencia", 20)
					if tc.err {
						assert.ErrorIs(t, err, context.Canceled)
						return
					}
					assert.Equal(t, []string{"d-00001 not composed in time", "d-00002 not composed in time"}, page.Warnings)
				})
				synctest.Wait()
				asking.Go(func() {
					for _, page := range together(t, l, 20) {
						assert.Empty(t, page.Warnings)
						assert.NotNil(t, cardsOf(t, page)[0].Price)
					}
				})
				synctest.Wait()
				leave()
				asking.Wait()
				assert.Equal(t, 1, f.pages)
				assert.Len(t, f.composed, 2)
			})
		})
	}
}

func TestCallersTimeBoundsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakes()
		f.compose = func(ctx context.Context, deal card.Deal) (card.Card, []string) {
			<-ctx.Done()
			return card.Bare(deal), []string{"rating-lb timeout"}
		}
		l, _ := newListing(t, defaults(), f)
		ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		begin := time.Now()
		page, err := l.Page(ctx, "valencia", 20)
		require.NoError(t, err)
		assert.Equal(t, 2500*time.Millisecond, time.Since(begin))
		assert.NotEmpty(t, page.Warnings)
		assert.Len(t, cardsOf(t, page), 20)
	})
}

func TestReadModelThatHangsCostsAQuarterOfASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakes()
		f.get = func(ctx context.Context, _ []string) ([]card.Entry, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		l, _ := newListing(t, defaults(), f)
		begin := time.Now()
		page := get(t, l, 20)
		assert.Equal(t, 250*time.Millisecond, time.Since(begin))
		assert.Equal(t, []string{"redis unavailable, read model skipped"}, page.Warnings)

		begin = time.Now()
		get(t, l, 20)
		assert.Zero(t, time.Since(begin), "known for a moment")
	})
}

func TestPageThatChangesDuringAReadDoesNotMixWithItsCards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, cfg := newFakes(), defaults()
		cfg.CatalogTTL, cfg.CatalogMaxAge = 100*time.Millisecond, 120*time.Millisecond
		var size atomic.Int32
		size.Store(3)
		f.page = func(context.Context, string, int) ([]card.Deal, error) { return deals(int(size.Load())), nil }
		f.get = func(ctx context.Context, ids []string) ([]card.Entry, error) {
			<-time.After(200 * time.Millisecond)
			return f.read(ctx, ids)
		}
		l, _ := newListing(t, cfg, f)
		var asking sync.WaitGroup
		asking.Go(func() {
			assert.Len(t, cardsOf(t, get(t, l, 100)), 3)
		})
		<-time.After(150 * time.Millisecond) // the page is renewed while its cards are read
		size.Store(20)
		assert.Len(t, cardsOf(t, get(t, l, 100)), 20)
		asking.Wait()
	})
}

func TestPageWithoutDealsWhenTimeIsUp(t *testing.T) {
	l, _ := newListing(t, defaults(), newFakes())
	ctx, cancel := context.WithCancel(t.Context())
	_, err := l.Deals(ctx, "valencia", 0) // now it is in the cache
	require.NoError(t, err)
	cancel()
	for range 100 {
		page, err := l.Page(ctx, "valencia", 0)
		require.NoError(t, err)
		require.JSONEq(t, "[]", string(page.Deals))
	}
}

// TestOutcomesCountCalls: however many lists ask at once, a miss is a call to deal-service and no other request is one.
func TestOutcomesCountCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakes()
		f.page = func(ctx context.Context, _ string, limit int) ([]card.Deal, error) { return deals(limit), slowly(ctx) }
		l, registry := newListing(t, defaults(), f)
		together(t, l, 20)
		assertCatalogOutcomes(t, registry, 0, 1, 99)
		together(t, l, 20)
		assertCatalogOutcomes(t, registry, 100, 1, 99)
		together(t, l, 10)
		assertCatalogOutcomes(t, registry, 100, 2, 198)
		assert.Equal(t, 2, f.pages)
	})
}

// TestFirstCallersDeadlineDoesNotBoundTheOthers: a list with 10 ms left starts a call that takes a second, and others join it.
func TestFirstCallersDeadlineDoesNotBoundTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakes()
		f.page = func(ctx context.Context, _ string, limit int) ([]card.Deal, error) { return deals(limit), slowly(ctx) }
		l, _ := newListing(t, defaults(), f)
		var asking sync.WaitGroup
		asking.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			defer cancel()
			_, err := l.Page(ctx, "valencia", 20)
			assert.ErrorIs(t, err, context.DeadlineExceeded)
		})
		synctest.Wait()
		together(t, l, 20)
		asking.Wait()
		assert.Equal(t, 1, f.pages)
	})
}
