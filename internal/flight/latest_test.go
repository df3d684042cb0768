package flight_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/flight"
)

// counting is a call that returns the number of calls so far. takes and err may change between calls.
type counting struct {
	calls int
	takes time.Duration
	err   error
}

func (c *counting) call(context.Context) (int, error) {
	c.calls++
	number, err := c.calls, c.err
	time.Sleep(c.takes) //nolint:forbidigo // time of the bubble
	return number, err
}

func newLatest(fresh time.Duration) (*counting, *flight.Latest[int]) {
	c := &counting{}
	return c, flight.NewLatest(flight.LatestConfig{Timeout: timeout, Patience: time.Second, MaxAge: time.Minute, Fresh: fresh}, c.call)
}

// expect gets a result and checks it, its age and how long it took.
func expect(t *testing.T, latest *flight.Latest[int], number int, age, took time.Duration) {
	t.Helper()
	start := time.Now()
	value, since, err := latest.Get(t.Context())
	require.NoError(t, err)
	assert.Equal(t, number, value)
	assert.Equal(t, age, since, "age")
	assert.Equal(t, took, time.Since(start), "took")
}

func TestLatest(t *testing.T) {
	const quick, slow = 100 * time.Millisecond, 5 * time.Second
	tests := map[string]struct {
		takes, idle, fresh time.Duration // of the second call; between the two; LatestConfig.Fresh
		number             int
		age, took          time.Duration
	}{
		"a quick call is waited for":          {quick, 10 * time.Second, 0, 2, quick, quick},
		"after a slow one the last is taken":  {slow, 10 * time.Second, 0, 1, 11*time.Second + quick, time.Second},
		"unless the last has become too old":  {slow, time.Minute, 0, 2, slow, slow},
		"a fresh one is taken without a call": {slow, 200 * time.Millisecond, 300 * time.Millisecond, 1, 300 * time.Millisecond, 0},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, latest := newLatest(tc.fresh)
				c.takes = quick
				expect(t, latest, 1, quick, quick)
				<-time.After(tc.idle)
				c.takes = tc.takes
				expect(t, latest, tc.number, tc.age, tc.took)
				latest.Wait()
			})
		})
	}
}

// TestNobodyWaitsAfterASlowCall: until a call in the background is quick again.
func TestNobodyWaitsAfterASlowCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const quick, slow, idle = 100 * time.Millisecond, 5 * time.Second, 10 * time.Second
		c, latest := newLatest(0)
		c.takes = slow
		expect(t, latest, 1, slow, slow)
		<-time.After(idle)
		c.takes = quick
		expect(t, latest, 1, slow+idle, 0)
		<-time.After(idle)
		expect(t, latest, 3, quick, quick)
	})
}

func TestFirstResultIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, latest := newLatest(0)
		c.takes = 10 * time.Second
		expect(t, latest, 1, c.takes, c.takes)
	})
}

// TestCallInFlightIsNotNew: it may have missed what its second caller wants to see.
func TestCallInFlightIsNotNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, latest := newLatest(0)
		c.takes = 300 * time.Millisecond
		var first sync.WaitGroup
		first.Go(func() { expect(t, latest, 1, c.takes, c.takes) })
		<-time.After(c.takes / 3)
		expect(t, latest, 2, c.takes, c.takes*5/3)
		first.Wait()
	})
}

func TestErrorsOfLatest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, latest := newLatest(0)
		c.takes = time.Second / 10
		expect(t, latest, 1, c.takes, c.takes)
		c.err = errors.New("broken")
		_, _, err := latest.Get(t.Context())
		require.ErrorIs(t, err, c.err, "an error in time is returned")

		c.err, c.takes = nil, time.Hour
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		_, _, err = latest.Get(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded, "the caller has less time than the patience")
		expect(t, latest, 1, 17*time.Second/10, time.Second) // begun before all of the above
		latest.Wait()
	})
}
