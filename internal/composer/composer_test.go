package composer_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"deals.example/internal/card"
	"deals.example/internal/composer"
	"deals.example/internal/money"
	"deals.example/internal/settings"
	"deals.example/internal/testkit"
	"deals.example/internal/upstream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newComposer returns a composer without retries whose upstreams are at url.
func newComposer(t *testing.T, url string) *composer.Composer {
	t.Helper()
	var policies upstream.Config
	require.NoError(t, settings.Load(map[string]string{"UPSTREAM_RETRY_RATIO": "0"}, &policies))
	pool, err := upstream.NewPool(policies, upstream.Deps{Registry: prometheus.NewRegistry()})
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	c, err := composer.New(pool, composer.Config{
		DealURL: url, PriceURL: url, InventoryURL: url, RatingURL: url, MerchantURL: url, DealTTL: time.Minute, DealMaxAge: time.Hour,
	})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func spa() card.Deal {
	return card.Deal{ID: "d-00008", City: "valencia", MerchantID: "m-008", BasePrice: 6400, Currency: "EUR"}
}

func TestCompose(t *testing.T) {
	down := func(services ...string) func(*testkit.Domain) {
		return func(u *testkit.Domain) { u.Fail(http.StatusServiceUnavailable, services...) }
	}
	tests := map[string]struct {
		breaks   func(*testkit.Domain)
		missing  []string
		warnings []string
		worth    bool
	}{
		"all answer":      {func(*testkit.Domain) {}, []string{}, nil, true},
		"price fails":     {down("price"), []string{"price"}, []string{"price-service unavailable"}, true},
		"inventory fails": {down("inventory"), []string{"inventory"}, []string{"inventory-service unavailable"}, true},
		"rating fails":    {down("rating"), []string{"rating"}, []string{"rating-lb unavailable"}, true},
		"merchant fails":  {down("merchant"), []string{"merchant"}, []string{"merchant-service unavailable"}, true},
		"rating unknown": {
			func(u *testkit.Domain) { u.Fail(http.StatusNotFound, "rating") },
			[]string{"rating"},
			[]string{"rating: rating-lb/rating/d-00008: not found upstream"},
			true,
		},
		"price is no JSON": {
			func(u *testkit.Domain) { u.Answer("price", "<html>") }, []string{"price"}, []string{"price-service bad response"}, true,
		},
		"price is wrong": {
			func(u *testkit.Domain) { u.Answer("price", `{"finalPrice":"free"}`) }, []string{"price"}, []string{"price-service bad response"}, true,
		},
		"two answer": {
			down("price", "merchant"),
			[]string{"price", "merchant"},
			[]string{"price-service unavailable", "merchant-service unavailable"},
			true,
		},
		"one answers": {
			down("price", "inventory", "merchant"),
			[]string{"price", "inventory", "merchant"},
			[]string{"price-service unavailable", "inventory-service unavailable", "merchant-service unavailable"},
			false,
		},
		"none answers": {
			down("price", "inventory", "rating", "merchant"),
			[]string{"price", "inventory", "rating", "merchant"},
			[]string{"price-service unavailable", "inventory-service unavailable", "rating-lb unavailable", "merchant-service unavailable"},
			false,
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			upstreams := testkit.NewDomain(t)
			tc.breaks(upstreams)
			c, before := newComposer(t, upstreams.URL), time.Now()
			composed, warnings := c.Compose(t.Context(), spa())
			assert.Equal(t, spa(), composed.Deal)
			assert.Equal(t, tc.missing, composed.Missing)
			assert.ElementsMatch(t, tc.warnings, warnings)
			assert.Equal(t, tc.worth, composed.WorthStoring())
			assert.WithinRange(t, *composed.UpdatedAt, before, time.Now())
			for part, known := range parts(composed) {
				assert.Equal(t, !slices.Contains(tc.missing, part), known, part)
			}

			byID, warnings, err := c.ByID(t.Context(), "d-00008")
			require.NoError(t, err)
			byID.UpdatedAt = composed.UpdatedAt
			assert.Equal(t, composed, byID)
			assert.ElementsMatch(t, tc.warnings, warnings)
		})
	}
}

// parts returns which parts a card has.
func parts(c card.Card) map[string]bool {
	return map[string]bool{"price": c.Price != nil, "inventory": c.Inventory != nil, "rating": c.Rating != nil, "merchant": c.Merchant != nil}
}

func TestPartsComeFromTheUpstreams(t *testing.T) {
	composed, _ := newComposer(t, testkit.NewDomain(t).URL).Compose(t.Context(), spa())
	assert.Equal(t, money.Amount(5248), composed.Price.FinalPrice)
	assert.Equal(t, 104, composed.Inventory.Stock)
	assert.InDelta(t, 4, composed.Rating.Rating, 0)
	assert.Equal(t, "m-008", composed.Merchant.ID)
}

func TestPartsAreRequestedConcurrently(t *testing.T) {
	var arrived atomic.Int32
	all := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if arrived.Add(1) == 4 {
			close(all)
		}
		select {
		case <-all:
			_, _ = w.Write([]byte("{}"))
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(server.Close)
	composed, warnings := newComposer(t, server.URL).Compose(t.Context(), spa())
	assert.Empty(t, warnings)
	assert.Empty(t, composed.Missing)
}

func TestUpstreamsUnavailable(t *testing.T) {
	c := newComposer(t, testkit.DeadURL(t))
	composed, warnings := c.Compose(t.Context(), spa())
	assert.Len(t, composed.Missing, 4)
	assert.Contains(t, warnings, "rating-lb connection failed")
	for _, check := range c.Checks() {
		require.Error(t, check.Ready(t.Context()), check.Name)
	}
}

func TestNoCardWithoutDealService(t *testing.T) {
	upstreams := testkit.NewDomain(t)
	upstreams.Fail(http.StatusNotFound, "deals")
	_, _, err := newComposer(t, upstreams.URL).ByID(t.Context(), "d-00008")
	assert.ErrorIs(t, err, upstream.ErrNotFound)
}

func TestFailureOfDealServiceCancelsTheOtherCalls(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/deals/") {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		<-r.Context().Done()
	}))
	t.Cleanup(server.Close)
	_, _, err := newComposer(t, server.URL).ByID(t.Context(), "d-00008")
	assert.ErrorIs(t, err, upstream.ErrNotFound)
}

func TestInvalidAddresses(t *testing.T) {
	var policies upstream.Config
	require.NoError(t, settings.Load(nil, &policies))
	pool, err := upstream.NewPool(policies, upstream.Deps{Registry: prometheus.NewRegistry()})
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	_, err = composer.New(pool, composer.Config{DealURL: "http://127.0.0.1:1", PriceURL: "ftp://127.0.0.1"})
	require.ErrorContains(t, err, "price-service")
	assert.ErrorContains(t, err, "merchant-service", "all errors are reported together")
}

func TestEveryUpstreamIsChecked(t *testing.T) {
	var names []string
	for _, check := range newComposer(t, testkit.NewDomain(t).URL).Checks() {
		names = append(names, check.Name)
		require.NoError(t, check.Ready(t.Context()))
	}
	assert.Equal(t, []string{"deal-service", "price-service", "inventory-service", "rating-lb", "merchant-service"}, names)
}

// TestKnownDealAsksForItsPartsAtOnce: the base data of a deal comes from an earlier card, or from a page, and is not asked for again.
func TestKnownDealAsksForItsPartsAtOnce(t *testing.T) {
	domain := testkit.NewDomain(t)
	c := newComposer(t, domain.URL)
	domain.Answer("deals", `{"deals":[{"id":"d-00008","merchantId":"m-008"},{"id":"d-00015","merchantId":"m-005"}],"asked":%q}`)
	page, err := c.Deals(t.Context(), "valencia", 2)
	require.NoError(t, err)
	require.Len(t, page, 2)
	domain.Fail(http.StatusServiceUnavailable, "deals")
	for _, deal := range page {
		composed, warnings, err := c.ByID(t.Context(), deal.ID)
		require.NoError(t, err)
		assert.Empty(t, warnings)
		assert.Equal(t, deal, composed.Deal)
		assert.NotNil(t, composed.Merchant)
	}
	_, _, err = c.ByID(t.Context(), "d-00220")
	require.Error(t, err, "a deal that was never seen")
}

// slowPart returns a composer one of whose parts takes 200 ms.
func slowPart(t *testing.T, part string) *composer.Composer {
	t.Helper()
	domain := testkit.NewDomain(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if part != "" && strings.HasPrefix(r.URL.Path, "/"+part) {
			select {
			case <-time.After(200 * time.Millisecond):
			case <-r.Context().Done():
				return
			}
		}
		domain.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return newComposer(t, server.URL)
}

// TestSlowPartsComeFromTheStoredCard: a detail does not wait for a part that is stored, which is saved when it arrives, and waits for one
// that is not.
func TestSlowPartsComeFromTheStoredCard(t *testing.T) {
	tests := map[string]struct {
		slow     string
		found    bool
		borrowed []string
	}{
		"nothing is slow":   {"", true, nil},
		"rating":            {"rating", true, []string{"rating"}},
		"rating, no card":   {"rating", false, nil},
		"price isn't there": {"price", true, nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := slowPart(t, tc.slow)
			saved := make(chan card.Card, 1)
			stored := composer.Stored{
				Get: func(context.Context, string) (card.Card, bool) {
					return card.Card{Rating: &card.Rating{Rating: 4.9}}.WithMissing(), tc.found
				},
				Save: func(ctx context.Context, complete card.Card) { assert.NoError(t, ctx.Err()); saved <- complete },
			}
			ctx, leave := context.WithTimeout(t.Context(), time.Second)
			composed, borrowed, warnings, err := c.Prompt(ctx, "d-00008", 50*time.Millisecond, stored)
			leave() // as a server does when the answer is written
			require.NoError(t, err)
			assert.Equal(t, tc.borrowed, borrowed)
			assert.Empty(t, warnings)
			assert.Empty(t, composed.Missing)
			c.Close()
			if tc.borrowed == nil {
				assert.Empty(t, saved)
				return
			}
			assert.InDelta(t, 4.9, composed.Rating.Rating, 0)
			complete := <-saved
			assert.InDelta(t, 4, complete.Rating.Rating, 0)
			assert.Empty(t, complete.Missing)
		})
	}
}

// TestCallerLeaves: the calls of a caller that leaves before its answer are canceled.
func TestCallerLeaves(t *testing.T) {
	c := slowPart(t, "rating")
	ctx, leave := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer leave()
	composed, borrowed, _, err := c.Prompt(ctx, "d-00008", time.Minute, composer.Stored{})
	require.NoError(t, err)
	assert.Empty(t, borrowed)
	assert.Equal(t, []string{"rating"}, composed.Missing)
}
