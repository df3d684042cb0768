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

// slowly waits a second or until ctx ends.
func slowly(ctx context.Context) error {
	select {
	case <-time.After(time.Second):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// slowCompose composes a card in a second. If it is interrupted, the card is bare.
func slowCompose(ctx context.Context, deal card.Deal) (card.Card, []string) {
	if slowly(ctx) != nil {
		return card.Bare(deal), []string{"interrupted"}
	}
	return whole(deal), nil
}

// together requests the same page 100 times concurrently and returns the pages.
func together(t *testing.T, l *listing.Listing, limit int) []listing.Page {
	t.Helper()
	pages := make([]listing.Page, 100)
	var requests sync.WaitGroup
	for i := range pages {
		requests.Go(func() {
			var err error
			pages[i], err = l.Page(t.Context(), "valencia", limit)
			assert.NoError(t, err)
		})
	}
	requests.Wait()
	return pages
}

func TestConcurrentListsShareCalls(t *testing.T) {
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

func TestCanceledListDoesNotAffectOthers(t *testing.T) {
	tests := map[string]struct {
		slow func(f *fakes)
		err  bool // of the canceled list; else it gets an incomplete page
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
				var requests sync.WaitGroup
				requests.Go(func() {
					page, err := l.Page(first, "valencia", 20)
					if tc.err {
						assert.ErrorIs(t, err, context.Canceled)
						return
					}
					assert.Equal(t, []string{"d-00001 not composed in time", "d-00002 not composed in time"}, page.Warnings)
				})
				synctest.Wait()
				requests.Go(func() {
					for _, page := range together(t, l, 20) {
						assert.Empty(t, page.Warnings)
						assert.NotNil(t, cardsOf(t, page)[0].Price)
					}
				})
				synctest.Wait()
				leave()
				requests.Wait()
				assert.Equal(t, 1, f.pages)
				assert.Len(t, f.composed, 2)
			})
		})
	}
}

func TestTimeoutOfTheCaller(t *testing.T) {
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

func TestReadModelTimeout(t *testing.T) {
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
		assert.Zero(t, time.Since(begin), "the failure is cached")
	})
}

func TestPageExpiresDuringARead(t *testing.T) {
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
		var requests sync.WaitGroup
		requests.Go(func() {
			assert.Len(t, cardsOf(t, get(t, l, 100)), 3)
		})
		<-time.After(150 * time.Millisecond) // the page is renewed while its cards are read
		size.Store(20)
		assert.Len(t, cardsOf(t, get(t, l, 100)), 20)
		requests.Wait()
	})
}

func TestCanceledPageWithoutDeals(t *testing.T) {
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
