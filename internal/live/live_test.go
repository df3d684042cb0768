package live_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/internal/live"
)

var errNegative = errors.New("negative")

func positive(n int) error {
	if n < 0 {
		return errNegative
	}
	return nil
}

func to(n int) func(int) int { return func(int) int { return n } }

func TestChangeForATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		expired := 0
		v, err := live.New(1, positive, func() { expired++ })
		require.NoError(t, err)
		before := v.State()
		_, err = v.Update(time.Minute, to(7))
		require.NoError(t, err)
		<-before.Changed
		<-time.After(40 * time.Second)
		assert.Equal(t, 7, v.Get())
		assert.Equal(t, 20*time.Second, v.State().Left)
		<-time.After(20 * time.Second)
		assert.Equal(t, 1, v.Get())
		assert.Equal(t, 1, expired)
		assert.Zero(t, v.State().Left)
	})
}

func TestChangeForGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, err := live.New(1, positive, nil)
		require.NoError(t, err)
		_, err = v.Update(time.Minute, to(7))
		require.NoError(t, err)
		_, err = v.Update(0, to(8))
		require.NoError(t, err)
		<-time.After(time.Hour)
		assert.Equal(t, 8, v.Get())
	})
}

func TestConfiguredForGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, err := live.New(1, positive, nil)
		require.NoError(t, err)
		_, err = v.Update(time.Minute, to(7))
		require.NoError(t, err)
		before := v.State()
		current, err := v.Configure(func(n int) int { return n + 10 })
		require.NoError(t, err)
		<-before.Changed
		assert.Equal(t, 17, current)
		_, err = v.Configure(func(n int) int { return n - 12 })
		require.ErrorIs(t, err, errNegative)
		assert.Equal(t, 17, v.Get())
		<-time.After(time.Minute)
		assert.Equal(t, 11, v.Get())
	})
}

func TestRefusedChangeChangesNothing(t *testing.T) {
	v, err := live.New(1, positive, nil)
	require.NoError(t, err)
	state := v.State()
	refused, err := v.Update(0, to(-1))
	require.ErrorIs(t, err, errNegative)
	assert.Equal(t, -1, refused)
	assert.Equal(t, 1, v.Get())
	select {
	case <-state.Changed:
		assert.Fail(t, "woken by a refused change")
	default:
	}
	_, err = live.New(-1, positive, nil)
	assert.ErrorIs(t, err, errNegative)
}
