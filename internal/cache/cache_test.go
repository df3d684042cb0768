package cache_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/cache"
)

const fetchTime = 100 * time.Millisecond

// source counts its fetches, which take fetchTime.
type source struct {
	fetches atomic.Int32
	broken  atomic.Bool
}

func (s *source) fetch(ctx context.Context, key string) (string, error) {
	n := s.fetches.Add(1)
	select {
	case <-time.After(fetchTime):
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if s.broken.Load() {
		return "", errors.New("source is down")
	}
	return fmt.Sprint(key, n), nil
}

func newCache(t *testing.T, policy cache.Policy, s *source) *cache.Cache[string, string] {
	t.Helper()
	c, err := cache.New(cache.Config{Policy: policy, TTL: 3 * time.Second, MaxAge: 12 * time.Second, Size: 10, Timeout: time.Second}, s.fetch, func(error) {})
	require.NoError(t, err)
	return c
}

// read has 50 readers read for d, each every 10 ms, and returns how many fetches there were, how many reads waited, and the greatest age.
func read(t *testing.T, c *cache.Cache[string, string], s *source, d time.Duration) (fetches, waited int, oldest time.Duration) {
	t.Helper()
	before := s.fetches.Load()
	var mu sync.Mutex
	var readers sync.WaitGroup
	for range 50 {
		readers.Go(func() {
			for begin := time.Now(); time.Since(begin) < d; <-time.After(10 * time.Millisecond) {
				start := time.Now()
				_, age, _, err := c.Get(t.Context(), "valencia/20")
				mu.Lock()
				if err != nil || time.Since(start) > 0 {
					waited++
				}
				oldest = max(oldest, age)
				mu.Unlock()
			}
		})
	}
	readers.Wait()
	return int(s.fetches.Load() - before), waited, oldest
}

// TestExpiry: over ten expiries of a warm entry with 50 readers.
func TestExpiry(t *testing.T) {
	tests := map[cache.Policy]struct{ minFetches, maxFetches, minWaited, maxWaited int }{
		cache.RefreshAhead: {9, 11, 0, 0},
		cache.SingleFlight: {9, 11, 450, 550},
		cache.PlainTTL:     {450, 550, 450, 550},
	}
	for policy, want := range tests {
		t.Run(string(policy), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &source{}
				c := newCache(t, policy, s)
				_, _, outcome, err := c.Get(t.Context(), "valencia/20")
				require.NoError(t, err)
				assert.Equal(t, cache.Miss, outcome)
				fetches, waited, oldest := read(t, c, s, 31*time.Second)
				t.Logf("%d fetches, %d reads waited, greatest age %s", fetches, waited, oldest)
				assert.GreaterOrEqual(t, fetches, want.minFetches)
				assert.LessOrEqual(t, fetches, want.maxFetches)
				assert.GreaterOrEqual(t, waited, want.minWaited)
				assert.LessOrEqual(t, waited, want.maxWaited)
				assert.LessOrEqual(t, oldest, 3500*time.Millisecond)
				c.Close()
			})
		})
	}
}

// TestMaxAge: while the source is down, readers get what there is up to the maximum age, then the error.
func TestMaxAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{}
		c := newCache(t, cache.RefreshAhead, s)
		_, _, _, err := c.Get(t.Context(), "rome/6")
		require.NoError(t, err)
		s.broken.Store(true)
		before := s.fetches.Load()
		for range 119 {
			<-time.After(100 * time.Millisecond)
			_, age, outcome, err := c.Get(t.Context(), "rome/6")
			require.NoError(t, err)
			assert.Equal(t, cache.Hit, outcome)
			assert.Less(t, age, 12*time.Second)
		}
		assert.LessOrEqual(t, s.fetches.Load()-before, int32(30), "pauses after a failure")
		<-time.After(200 * time.Millisecond)
		_, _, _, err = c.Get(t.Context(), "rome/6")
		require.ErrorContains(t, err, "source is down")
		c.Close()
	})
}

func TestReadersOfAColdEntryShareAFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{}
		c := newCache(t, cache.RefreshAhead, s)
		var mu sync.Mutex
		outcomes := map[cache.Outcome]int{}
		var readers sync.WaitGroup
		for range 100 {
			readers.Go(func() {
				_, _, outcome, err := c.Get(t.Context(), "rome/6")
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					outcomes[outcome]++
				}
			})
		}
		readers.Wait()
		assert.Equal(t, map[cache.Outcome]int{cache.Miss: 1, cache.Joined: 99}, outcomes)
		assert.Equal(t, int32(1), s.fetches.Load())
	})
}

func TestSizeIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &source{}
		c := newCache(t, cache.RefreshAhead, s)
		for i := range 11 {
			_, _, _, err := c.Get(t.Context(), fmt.Sprint("city-", i))
			require.NoError(t, err)
		}
		_, _, outcome, _ := c.Get(t.Context(), "city-0")
		assert.Equal(t, cache.Miss, outcome)
		_, _, outcome, _ = c.Get(t.Context(), "city-10")
		assert.Equal(t, cache.Hit, outcome)
	})
}

func TestSwitchRefuses(t *testing.T) {
	c := newCache(t, cache.RefreshAhead, &source{})
	assert.ErrorContains(t, c.Switch("never"), `got "never", want one of refresh-ahead, single-flight, plain`)
}
