package enrich_test

import (
	"context"
	"maps"
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

	"deals.example/internal/catalog"
	"deals.example/internal/enrich"
	"deals.example/internal/readmodel"
	"deals.example/internal/settings"
	"deals.example/internal/testkit"
	"deals.example/internal/upstream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// answers are the bodies of the upstreams, by what stands first in the path; "" is a 503, "404" a 404.
type answers map[string]string

func allAnswer() answers {
	return answers{
		"price":     `{"dealId":"d-00008","basePrice":64.00,"discountPct":18,"finalPrice":52.48,"currency":"EUR"}`,
		"inventory": `{"dealId":"d-00008","stock":104,"reserved":12,"available":true,"lowInventory":false}`,
		"rating":    `{"dealId":"d-00008","rating":4,"reviewCount":28,"recommendationRate":80}`,
		"merchant":  `{"id":"m-008","name":"Quiet Garden","city":"valencia","verified":false,"since":2016}`,
	}
}

func (a answers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	part, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch body := a[part]; body {
	case "":
		w.WriteHeader(http.StatusServiceUnavailable)
	case "404":
		w.WriteHeader(http.StatusNotFound)
	default:
		_, _ = w.Write([]byte(body))
	}
}

// newComposer returns a composer whose four upstreams are one server, without retries.
func newComposer(t *testing.T, upstreams http.Handler) *enrich.Composer {
	t.Helper()
	server := httptest.NewServer(upstreams)
	t.Cleanup(server.Close)
	return composerOf(t, enrich.Config{PriceURL: server.URL, InventoryURL: server.URL, RatingURL: server.URL, MerchantURL: server.URL})
}

func composerOf(t *testing.T, cfg enrich.Config) *enrich.Composer {
	t.Helper()
	var policies upstream.Config
	require.NoError(t, settings.Load(&policies, map[string]string{"UPSTREAM_RETRY_RATIO": "0"}))
	pool, err := upstream.NewPool(policies, upstream.Deps{Registry: prometheus.NewRegistry()})
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	composer, err := enrich.NewComposer(pool, cfg)
	require.NoError(t, err)
	return composer
}

func spa() catalog.Deal {
	return catalog.Deal{ID: "d-00008", City: "valencia", MerchantID: "m-008", BasePrice: 6400, Currency: "EUR"}
}

func TestCompose(t *testing.T) {
	tests := map[string]struct {
		broken   map[string]string // answers in place of the good ones
		missing  []string
		warnings []string
		worth    bool
	}{
		"all answer":       {nil, []string{}, nil, true},
		"price fails":      {map[string]string{"price": ""}, []string{"price"}, []string{"price-service unavailable"}, true},
		"inventory fails":  {map[string]string{"inventory": ""}, []string{"inventory"}, []string{"inventory-service unavailable"}, true},
		"rating fails":     {map[string]string{"rating": ""}, []string{"rating"}, []string{"rating-lb unavailable"}, true},
		"merchant fails":   {map[string]string{"merchant": ""}, []string{"merchant"}, []string{"merchant-service unavailable"}, true},
		"rating unknown":   {map[string]string{"rating": "404"}, []string{"rating"}, []string{"rating: rating-lb/rating/d-00008: not found upstream"}, true},
		"price is no JSON": {map[string]string{"price": "<html>"}, []string{"price"}, []string{"price-service bad response"}, true},
		"price is wrong":   {map[string]string{"price": `{"finalPrice":"free"}`}, []string{"price"}, []string{"price-service bad response"}, true},
		"two answer": {
			map[string]string{"price": "", "merchant": ""},
			[]string{"price", "merchant"},
			[]string{"price-service unavailable", "merchant-service unavailable"},
			true,
		},
		"one answers": {
			map[string]string{"price": "", "inventory": "", "merchant": ""},
			[]string{"price", "inventory", "merchant"},
			[]string{"price-service unavailable", "inventory-service unavailable", "merchant-service unavailable"},
			false,
		},
		"none answers": {
			map[string]string{"price": "", "inventory": "", "rating": "", "merchant": ""},
			[]string{"price", "inventory", "rating", "merchant"},
			[]string{"price-service unavailable", "inventory-service unavailable", "rating-lb unavailable", "merchant-service unavailable"},
			false,
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			upstreams := allAnswer()
			maps.Copy(upstreams, tc.broken)
			before := time.Now()
			card, warnings := newComposer(t, upstreams).Compose(t.Context(), spa())
			assert.Equal(t, spa(), card.Deal)
			assert.Equal(t, tc.missing, card.Missing)
			assert.ElementsMatch(t, tc.warnings, warnings)
			assert.Equal(t, tc.worth, enrich.Worth(card))
			assert.WithinRange(t, *card.UpdatedAt, before, time.Now())
			for part, known := range parts(card) {
				assert.Equal(t, !slices.Contains(tc.missing, part), known, part)
			}
		})
	}
}

// parts tells which parts a card has.
func parts(card readmodel.Card) map[string]bool {
	return map[string]bool{
		"price": card.Price != nil, "inventory": card.Inventory != nil, "rating": card.Rating != nil, "merchant": card.Merchant != nil,
	}
}

func TestPartsAreWhatTheUpstreamsSaid(t *testing.T) {
	card, _ := newComposer(t, allAnswer()).Compose(t.Context(), spa())
	assert.Equal(t, catalog.Money(5248), card.Price.FinalPrice)
	assert.Equal(t, 104, card.Inventory.Stock)
	assert.InDelta(t, 4, card.Rating.Rating, 0)
	assert.Equal(t, "Quiet Garden", card.Merchant.Name)
}

func TestTheFourAreAskedAtOnce(t *testing.T) {
	var arrived atomic.Int32
	all := make(chan struct{})
	good := allAnswer()
	composer := newComposer(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if arrived.Add(1) == 4 {
			close(all)
		}
		select {
		case <-all: // only when the others are there too
			good.ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	}))
	card, warnings := composer.Compose(t.Context(), spa())
	assert.Empty(t, warnings)
	assert.Empty(t, card.Missing)
}

func TestUpstreamsThatAreGone(t *testing.T) {
	url := testkit.DeadURL(t)
	card, warnings := composerOf(t, enrich.Config{PriceURL: url, InventoryURL: url, RatingURL: url, MerchantURL: url}).Compose(t.Context(), spa())
	assert.Len(t, card.Missing, 4)
	assert.Contains(t, warnings, "rating-lb connection failed")
}

func TestCallerThatGoesAwayEndsTheCalls(t *testing.T) {
	entered := make(chan struct{}, 8)
	composer := newComposer(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		entered <- struct{}{}
		<-r.Context().Done()
	}))
	ctx, cancel := context.WithCancel(t.Context())
	parts := composer.Begin(ctx, "d-00008")
	for range 3 {
		<-entered
	}
	cancel()
	parts.Wait()
}

func TestAddressesThatAreNone(t *testing.T) {
	pool, err := upstream.NewPool(upstream.Config{Timeout: time.Second, FanOut: 1}, upstream.Deps{Registry: prometheus.NewRegistry()})
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	_, err = enrich.NewComposer(pool, enrich.Config{PriceURL: "http://127.0.0.1:1", InventoryURL: "ftp://127.0.0.1"})
	assert.ErrorContains(t, err, "inventory-service")
}

func TestUpstreamsByName(t *testing.T) {
	var names []string
	for name, client := range newComposer(t, allAnswer()).Upstreams() {
		names = append(names, name)
		assert.NotNil(t, client)
	}
	assert.Equal(t, []string{"price-service", "inventory-service", "rating-lb", "merchant-service"}, names)
}
