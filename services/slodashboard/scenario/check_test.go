package scenario_test

import (
	"context"
	"errors"
	"math"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/k6"
	"deals.example/services/slodashboard/scenario"
)

// expecting returns a scenario that expects values over 5.
func expecting(expectations ...k6.Expectation) k6.Catalog {
	for i := range expectations {
		expectations[i].Above = new(5.0)
		expectations[i].Query = expectations[i].ID
	}
	return k6.Catalog{{ID: "normal", Default: true, Intensity: k6.Range{Min: 1, Default: 1, Max: 1}, Expectations: expectations}}
}

func TestExpectations(t *testing.T) {
	const second = model.Duration(time.Second)
	var over atomic.Bool
	s := prepare(t, func(_ *scenario.Config, deps *scenario.Deps) {
		deps.Catalog = expecting(
			k6.Expectation{ID: "rises", Within: 30 * second, RecoversWithin: 30 * second},
			k6.Expectation{ID: "stays", Within: 30 * second, For: second, RecoversWithin: second},
			k6.Expectation{ID: "never", Within: second},
			k6.Expectation{ID: "later", Within: 60 * second},
			k6.Expectation{ID: "broken", Within: 30 * second},
			k6.Expectation{ID: "infinite", Within: 30 * second},
		)
		deps.Ask = func(_ context.Context, query string) (*float64, error) {
			switch {
			case query == "broken":
				return nil, errors.New("prometheus is away")
			case query == "infinite":
				return new(math.Inf(1)), nil
			case query == "never", query == "later", query == "rises" && over.Load():
				return new(1.0), nil
			default:
				return new(10.0), nil
			}
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	watching := make(chan error, 1)
	go func() { watching <- s.Watch(ctx, 20*time.Millisecond) }()
	state := func(i int) string {
		shown, _ := s.Show("normal")
		return shown.Run.Checks[i].State
	}
	is := func(i int, want string) {
		t.Helper()
		require.Eventually(t, func() bool { return state(i) == want }, 20*time.Second, 10*time.Millisecond, "%d is %s, not %s", i, state(i), want)
	}

	require.NoError(t, s.Start(t.Context(), "normal", nil))
	assert.Equal(t, "pending", state(0))
	is(0, "met")
	is(1, "met")
	is(2, "not-met")
	assert.Equal(t, "pending", state(3))
	shown, _ := s.Show("normal")
	assert.InDelta(t, 10, *shown.Run.Checks[0].Value, 0)
	assert.NotNil(t, shown.Run.Checks[0].MetAt)
	assert.Equal(t, "pending", shown.Run.Checks[4].State)
	assert.Equal(t, "prometheus is away", shown.Run.Checks[4].Note)

	is(5, "met")
	assert.Nil(t, shown.Run.Checks[5].Value, "JSON has no number for it")

	met := shown.Run.Checks[0].MetAt
	over.Store(true)
	is(0, "lost")
	shown, _ = s.Show("normal")
	assert.Equal(t, met, shown.Run.Checks[0].MetAt, "when it was met first")
	assert.NotNil(t, shown.Run.Checks[0].LostAt)
	over.Store(false)
	is(0, "met")
	shown, _ = s.Show("normal")
	assert.Nil(t, shown.Run.Checks[0].LostAt)

	over.Store(true)
	require.NoError(t, s.Stop(t.Context(), "normal"))
	is(0, "recovered")
	is(1, "not-recovered")
	assert.Equal(t, "pending", state(3))
	cancel()
	require.NoError(t, <-watching)
}
