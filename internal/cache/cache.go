// Package cache keeps what was fetched for a while, so that nobody waits for it twice.
package cache

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"deals.example/internal/flight"
)

// Policy is what happens when an entry is older than its TTL.
type Policy string

// The policies.
const (
	// RefreshAhead serves the entry, up to the maximum age, and fetches it anew in the background: one fetch for each TTL, and no reader waits.
	RefreshAhead Policy = "refresh-ahead"
	// SingleFlight lets all readers wait for one fetch.
	SingleFlight Policy = "single-flight"
	// PlainTTL lets each reader fetch for itself until an answer is there.
	PlainTTL Policy = "plain"
)

// Policies lists all policies.
func Policies() []Policy { return []Policy{RefreshAhead, SingleFlight, PlainTTL} }

// PolicyNames lists the policies as settings spell them.
func PolicyNames() []string {
	names := make([]string, 0, len(Policies()))
	for _, policy := range Policies() {
		names = append(names, string(policy))
	}
	return names
}

// Outcome is how a value was found.
type Outcome string

// The outcomes. Fetches are misses plus refreshes.
const (
	Hit    Outcome = "hit"    // it was there
	Joined Outcome = "joined" // the reader waited for a fetch of another reader
	Miss   Outcome = "miss"   // the reader fetched it
)

// Config bounds a Cache.
type Config struct {
	Policy  Policy
	TTL     time.Duration // age from which an entry is fetched anew, give or take a tenth, so that entries don't expire together
	MaxAge  time.Duration // age from which RefreshAhead serves an entry no longer, at least 1.1 TTL
	Size    int           // entries; the least recently used one makes room
	Timeout time.Duration // of a fetch
}

const (
	jitter = 0.1
	// again is the pause after a failed refresh, as a share of the TTL.
	again = 0.1
)

// Fetch gets the value of a key from its source.
type Fetch[K comparable, V any] func(ctx context.Context, key K) (V, error)

// Cache is a bounded cache. It may be used concurrently.
type Cache[K comparable, V any] struct {
	cfg       Config
	policy    atomic.Pointer[Policy]
	fetch     Fetch[K, V]
	entries   *lru.Cache[K, *entry[V]]
	flights   *flight.Group[K, V]
	refreshed func(error)
}

type entry[V any] struct {
	value   V
	fetched time.Time
	renewAt atomic.Pointer[time.Time]
}

// New returns an empty cache. refreshed is told of each refresh in the background and its error.
func New[K comparable, V any](cfg Config, fetch Fetch[K, V], refreshed func(error)) (*Cache[K, V], error) {
	switch least := time.Duration((1 + jitter) * float64(cfg.TTL)); {
	case cfg.TTL <= 0 || cfg.Timeout <= 0:
		return nil, fmt.Errorf("cache: got a TTL of %s and a timeout of %s, want more than 0", cfg.TTL, cfg.Timeout)
	case cfg.MaxAge < least:
		return nil, fmt.Errorf("maximum age: got %s, want at least %s for a TTL of %s", cfg.MaxAge, least, cfg.TTL)
	}
	entries, err := lru.New[K, *entry[V]](cfg.Size)
	if err != nil {
		return nil, err
	}
	c := &Cache[K, V]{cfg: cfg, fetch: fetch, entries: entries, flights: flight.New[K, V](cfg.Timeout), refreshed: refreshed}
	return c, c.Switch(cfg.Policy)
}

// Switch changes the policy.
func (c *Cache[K, V]) Switch(policy Policy) error {
	if !slices.Contains(Policies(), policy) {
		return fmt.Errorf("catalog cache: got %q, want one of %s", policy, strings.Join(PolicyNames(), ", "))
	}
	c.policy.Store(&policy)
	return nil
}

// Get returns the value of key and its age. The error is that of the fetch, or of ctx when it ends first.
func (c *Cache[K, V]) Get(ctx context.Context, key K) (value V, age time.Duration, outcome Outcome, err error) {
	now := time.Now()
	if kept, ok := c.entries.Get(key); ok && c.usable(ctx, key, kept, now) {
		return kept.value, now.Sub(kept.fetched), Hit, nil
	}
	if *c.policy.Load() == PlainTTL {
		value, err = c.renew(ctx, key)
		return value, 0, Miss, err
	}
	var landed atomic.Bool // a fetch of another reader, since this one looked
	value, joined, err := c.flights.Do(ctx, key, func(ctx context.Context) (V, error) {
		if kept, ok := c.entries.Get(key); ok && !kept.fetched.Before(now) {
			landed.Store(true)
			return kept.value, nil
		}
		return c.renew(ctx, key)
	})
	if joined || landed.Load() {
		return value, 0, Joined, err
	}
	return value, 0, Miss, err
}

// usable reports whether a kept entry may be served, and has it refreshed when it is time to.
func (c *Cache[K, V]) usable(ctx context.Context, key K, kept *entry[V], now time.Time) bool {
	due := kept.renewAt.Load()
	switch {
	case now.Sub(kept.fetched) >= c.cfg.MaxAge:
		return false
	case now.Before(*due):
		return true
	case *c.policy.Load() != RefreshAhead:
		return false
	}
	next := now.Add(c.cfg.Timeout) // whoever moves it refreshes
	if kept.renewAt.CompareAndSwap(due, &next) {
		c.flights.Start(ctx, key, func(ctx context.Context) (V, error) {
			value, err := c.renew(ctx, key)
			if err != nil {
				next := time.Now().Add(time.Duration(again * float64(c.cfg.TTL)))
				kept.renewAt.Store(&next)
			}
			c.refreshed(err)
			return value, err
		})
	}
	return true
}

func (c *Cache[K, V]) renew(ctx context.Context, key K) (V, error) {
	value, err := c.fetch(ctx, key)
	if err == nil {
		c.Put(key, value)
	}
	return value, err
}

// Peek returns the value that is kept for key, however old it is, and whether there is one.
func (c *Cache[K, V]) Peek(key K) (value V, ok bool) {
	kept, ok := c.entries.Peek(key)
	if !ok {
		return value, false
	}
	return kept.value, true
}

// Put keeps a value that has just come from the source by another way.
func (c *Cache[K, V]) Put(key K, value V) {
	fresh := &entry[V]{value: value, fetched: time.Now()}
	lasts := time.Duration(float64(c.cfg.TTL) * (1 - jitter + 2*jitter*rand.Float64())) //nolint:gosec // no secret
	due := fresh.fetched.Add(lasts)
	fresh.renewAt.Store(&due)
	c.entries.Add(key, fresh)
}

// Close waits for the refreshes under way. Get must not be called after it.
func (c *Cache[K, V]) Close() { c.flights.Wait() }
