package deadline_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"deals.example/internal/deadline"
)

func TestDeadlineTravels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 800*time.Millisecond)
		defer cancel()
		<-time.After(300 * time.Millisecond)
		h := http.Header{}
		deadline.Inject(ctx, h)
		assert.Equal(t, "500", h.Get(deadline.Header))
		left, ok := deadline.Extract(h)
		assert.True(t, ok)
		assert.Equal(t, 500*time.Millisecond, left)
	})
}

func TestExpiredDeadlineIsOneMillisecond(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), -time.Second)
	defer cancel()
	h := http.Header{}
	deadline.Inject(ctx, h)
	assert.Equal(t, "1", h.Get(deadline.Header))
}

func TestNoDeadlineNoHeader(t *testing.T) {
	h := http.Header{}
	deadline.Inject(context.WithoutCancel(t.Context()), h)
	assert.Empty(t, h)
}

func TestExtractIgnoresGarbage(t *testing.T) {
	for text, wantOK := range map[string]bool{
		"": true, "1": true, "600000": true,
		"0": false, "-5": false, "600001": false, "1.5": false, "soon": false, "99999999999999999999": false,
	} {
		_, ok := deadline.Extract(http.Header{deadline.Header: {text}})
		assert.Equal(t, wantOK, ok, "%q", text)
	}
}

func TestPassed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := deadline.With(t.Context(), time.Second)
		defer cancel()
		shorter, end := context.WithTimeout(ctx, time.Millisecond)
		defer end()
		<-shorter.Done()
		assert.False(t, deadline.Passed(shorter), "a timeout of our own")
		assert.False(t, deadline.Passed(ctx))
		child, endChild := context.WithCancel(ctx)
		defer endChild()
		<-child.Done()
		assert.True(t, deadline.Passed(ctx))
		assert.True(t, deadline.Passed(child))
	})
}
