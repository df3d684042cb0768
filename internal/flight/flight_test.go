package flight_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/flight"
)

const timeout = time.Minute

// slow returns a call that takes d, and the number of its calls.
func slow(d time.Duration) (f func(context.Context) (string, error), calls *atomic.Int32) {
	calls = new(atomic.Int32)
	return func(ctx context.Context) (string, error) {
		calls.Add(1)
		select {
		case <-time.After(d):
			return "done", nil
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}, calls
}

func TestConcurrentCallersShareOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := flight.New[string, string](timeout)
		f, calls := slow(time.Second)
		var joins atomic.Int32
		var asking sync.WaitGroup
		for range 100 {
			asking.Go(func() {
				value, joined, err := g.Do(t.Context(), "key", f)
				assert.Equal(t, "done", value, err)
				if joined {
					joins.Add(1)
				}
			})
		}
		asking.Wait()
		assert.EqualValues(t, 1, calls.Load())
		assert.EqualValues(t, 99, joins.Load())

		_, joined, err := g.Do(t.Context(), "key", f)
		require.NoError(t, err)
		assert.False(t, joined, "a call that has ended is not shared")
		assert.EqualValues(t, 2, calls.Load())
	})
}

func TestKeysAreApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := flight.New[int, string](timeout)
		f, calls := slow(time.Second)
		var asking sync.WaitGroup
		for key := range 10 {
			asking.Go(func() { _, _, _ = g.Do(t.Context(), key, f) })
		}
		asking.Wait()
		assert.EqualValues(t, 10, calls.Load())
	})
}

// TestFirstCallerDoesNotBoundTheCall: the first caller has a tenth of the time that the call takes, the second enough.
func TestFirstCallerDoesNotBoundTheCall(t *testing.T) {
	first := map[string]func(context.Context) (context.Context, context.CancelFunc){
		"its deadline": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 100*time.Millisecond)
		},
		"its cancellation": func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(100*time.Millisecond, cancel)
			return ctx, cancel
		},
	}
	for name, bounded := range first {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := flight.New[string, string](timeout)
				f, calls := slow(time.Second)
				begin := time.Now()
				var asking sync.WaitGroup
				asking.Go(func() {
					ctx, cancel := bounded(t.Context())
					defer cancel()
					_, joined, err := g.Do(ctx, "key", f)
					assert.False(t, joined)
					assert.Equal(t, ctx.Err(), err)
					assert.Equal(t, 100*time.Millisecond, time.Since(begin))
				})
				synctest.Wait()
				value, joined, err := g.Do(t.Context(), "key", f)
				require.NoError(t, err)
				assert.True(t, joined)
				assert.Equal(t, "done", value)
				assert.Equal(t, time.Second, time.Since(begin))
				assert.EqualValues(t, 1, calls.Load())
				asking.Wait()
			})
		})
	}
}

func TestCallHasTheTimeoutOfItsGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := flight.New[string, string](timeout)
		f, _ := slow(time.Hour)
		begin := time.Now()
		_, _, err := g.Do(t.Context(), "key", f)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, timeout, time.Since(begin))
	})
}

func TestErrorIsShared(t *testing.T) {
	wrong := errors.New("wrong")
	_, _, err := flight.New[string, int](timeout).Do(t.Context(), "key", func(context.Context) (int, error) { return 0, wrong })
	assert.ErrorIs(t, err, wrong)
}

func TestWaitWaitsForCallsWithoutCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := flight.New[string, string](timeout)
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		f, _ := slow(time.Second)
		begin := time.Now()
		_, _, err := g.Do(gone, "key", f)
		require.ErrorIs(t, err, context.Canceled)
		g.Wait()
		assert.Equal(t, time.Second, time.Since(begin))
	})
}
