package card_test

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

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"deals.example/internal/card"
	"deals.example/internal/testkit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const prefix = "experience:deal-card:v1:"

func config() card.Config {
	return card.Config{TTL: 300 * time.Second, StaleAfter: 120 * time.Second, RefreshCooldown: 15 * time.Second}
}

// priced returns a card that has a price and no other part.
func priced(id string, updatedAt time.Time) card.Card {
	return card.Card{Deal: card.Deal{ID: id, City: "valencia"}, Price: &card.Price{DealID: id, FinalPrice: 9648}, UpdatedAt: &updatedAt}.WithMissing()
}

func TestGetReturnsEntriesInOrder(t *testing.T) {
	server := testkit.Redis(t)
	store := card.NewStore(server.Client(t), config())
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	require.NoError(t, store.Put(t.Context(), priced("d-00001", at)))
	require.NoError(t, store.Put(t.Context(), priced("d-00002", at.Add(time.Second))))

	entries, err := store.Get(t.Context(), []string{"d-00002", "d-00003", "d-00001"})
	require.NoError(t, err)
	require.Len(t, entries, 3)
	assert.Equal(t, at.Add(time.Second), entries[0].UpdatedAt)
	assert.False(t, entries[1].Found())
	assert.Equal(t, at, entries[2].UpdatedAt)
	assert.JSONEq(t, `{"id":"d-00001","title":"","city":"valencia","category":"","merchantId":"","basePrice":0.00,"currency":"",
		"price":{"dealId":"d-00001","basePrice":0.00,"discountPct":0,"finalPrice":96.48,"currency":""},
		"inventory":null,"rating":null,"merchant":null,"missing":["inventory","rating","merchant"],"updatedAt":"2026-11-22T10:00:00Z"}`,
		string(entries[2].Encoded))
	assert.InDelta(t, 300, server.Client(t).TTL(t.Context(), prefix+"d-00001").Val().Seconds(), 5)
}

func TestGetWithoutIDs(t *testing.T) {
	entries, err := card.NewStore(testkit.Redis(t).Client(t), config()).Get(t.Context(), nil)
	require.NoError(t, err)
	assert.Empty(t, entries)
}

func TestGetIgnoresInvalidValues(t *testing.T) {
	client := testkit.Redis(t).Client(t)
	store := card.NewStore(client, config())
	values := map[string]string{
		"d-00001": "", "d-00002": "null", "d-00003": "{}", "d-00004": `"card"`, "d-00005": "[]", "d-00006": "{cut", "d-00007": `{"updatedAt":"yesterday"}`,
		"d-00008": `{"updatedAt":7}`, "d-00009": "\xff\xfe",
	}
	ids := []string{"d-00010"}
	require.NoError(t, client.HSet(t.Context(), prefix+"d-00010", "field", "value").Err())
	for id, value := range values {
		ids = append(ids, id)
		require.NoError(t, client.Set(t.Context(), prefix+id, value, 0).Err())
	}
	require.NoError(t, store.Put(t.Context(), priced("d-00011", time.Now())))
	entries, err := store.Get(t.Context(), append(ids, "d-00011"))
	require.NoError(t, err)
	for i, id := range ids {
		assert.False(t, entries[i].Found(), "%s: %s", id, values[id])
	}
	assert.True(t, entries[len(ids)].Found())
}

func TestStale(t *testing.T) {
	store := card.NewStore(nil, config())
	now := time.Now()
	for age, want := range map[time.Duration]bool{
		-time.Second: false, 0: false, 120*time.Second - 1: false, 120 * time.Second: true, time.Hour: true,
	} {
		assert.Equal(t, want, store.Stale(now.Add(-age), now), age.String())
	}
}

func TestBare(t *testing.T) {
	bare := card.Bare(card.Deal{ID: "d-00001"})
	assert.Equal(t, []string{"price", "inventory", "rating", "merchant"}, bare.Missing)
	text, err := json.Marshal(bare)
	require.NoError(t, err)
	assert.Contains(t, string(text), `"updatedAt":null`)
}

func ids(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("d-%05d", i+1)
	}
	return list
}

func TestReplicasClaimARefreshOnce(t *testing.T) {
	server := testkit.Redis(t)
	stores := []*card.Store{card.NewStore(server.Client(t), config()), card.NewStore(server.Client(t), config())}
	const replicas = 50
	var (
		claimed  [replicas][]string
		errs     [replicas]error
		claiming sync.WaitGroup
	)
	for i := range replicas {
		claiming.Go(func() { claimed[i], errs[i] = stores[i%2].ClaimRefresh(t.Context(), ids(20)) })
	}
	claiming.Wait()
	require.NoError(t, errors.Join(errs[:]...))
	assert.ElementsMatch(t, ids(20), slices.Concat(claimed[:]...), "each deal is claimed once")
}

func TestClaimExpires(t *testing.T) {
	cfg := config()
	cfg.RefreshCooldown = 100 * time.Millisecond
	store := card.NewStore(testkit.Redis(t).Client(t), cfg)
	claim := func() []string {
		claimed, err := store.ClaimRefresh(t.Context(), ids(2))
		require.NoError(t, err)
		return claimed
	}
	begin := time.Now()
	assert.Equal(t, ids(2), claim())
	for len(claim()) == 0 {
		<-time.After(time.Millisecond)
	}
	assert.GreaterOrEqual(t, time.Since(begin), 99*time.Millisecond)
}

func TestReleasedClaimCanBeClaimedAgain(t *testing.T) {
	store := card.NewStore(testkit.Redis(t).Client(t), config())
	_, err := store.ClaimRefresh(t.Context(), ids(3))
	require.NoError(t, err)
	require.NoError(t, store.ReleaseRefresh(t.Context(), ids(2)))
	claimed, err := store.ClaimRefresh(t.Context(), ids(3))
	require.NoError(t, err)
	assert.Equal(t, ids(2), claimed)
}

func TestRedisUnavailable(t *testing.T) {
	client := redis.NewClient(&redis.Options{Addr: strings.TrimPrefix(testkit.DeadURL(t), "http://"), MaxRetries: -1, DialerRetries: 1})
	t.Cleanup(func() { _ = client.Close() })
	store := card.NewStore(client, config())
	calls := map[string]func(context.Context) error{
		"Get":            func(ctx context.Context) error { _, err := store.Get(ctx, ids(3)); return err },
		"Put":            func(ctx context.Context) error { return store.Put(ctx, priced("d-00001", time.Now())) },
		"ClaimRefresh":   func(ctx context.Context) error { _, err := store.ClaimRefresh(ctx, ids(3)); return err },
		"ReleaseRefresh": func(ctx context.Context) error { return store.ReleaseRefresh(ctx, ids(3)) },
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			require.Error(t, call(t.Context()))
		})
	}
}

func TestClear(t *testing.T) {
	server := testkit.Redis(t)
	client := server.Client(t)
	store := card.NewStore(client, config())
	require.NoError(t, client.Set(t.Context(), "other", "kept", 0).Err())
	const cards = 1500 // more than one batch
	for i := range cards {
		require.NoError(t, client.Set(t.Context(), prefix+fmt.Sprintf("d-%05d", i), "{}", 0).Err())
	}

	removed, err := store.Clear(t.Context())
	require.NoError(t, err)
	assert.Equal(t, cards, removed)
	assert.Equal(t, []string{"other"}, client.Keys(t.Context(), "*").Val())

	server.Kill(t)
	_, err = store.Clear(t.Context())
	require.Error(t, err)
}
