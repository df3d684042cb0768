package capacity_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"deals.example/internal/capacity"
	"deals.example/internal/slots"
	"deals.example/observability"
)

// TestWaitsHaveSpans: of four requests for one slot and one place in its queue, the first does not wait, the second waits for the first, the
// third is refused, and the fourth, which takes the place of the second, is gone before it gets the slot.
func TestWaitsHaveSpans(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		recorder := tracetest.NewSpanRecorder()
		tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder)).Tracer("test")
		s := newServer(t, func(cfg *capacity.Config) { cfg.Slots, cfg.Queue = 1, 1 })
		ctx, request := tracer.Start(t.Context(), "request")
		first, err := s.Enter(ctx)
		require.NoError(t, err)
		go func() { <-time.After(time.Second); first.Leave() }()
		go func() {
			<-time.After(time.Millisecond)
			_, err := s.Enter(ctx)
			assert.ErrorIs(t, err, slots.ErrFull)
		}()
		second, err := s.Enter(ctx)
		require.NoError(t, err)
		impatient, leave := context.WithTimeout(ctx, time.Minute)
		go func() { <-time.After(time.Second); leave() }()
		_, err = s.Enter(impatient)
		require.ErrorIs(t, err, context.Canceled)
		second.Leave()

		waits := recorder.Ended()
		require.Len(t, waits, 3)
		for _, wait := range waits {
			assert.Equal(t, observability.WaitCapacity, wait.Name())
			assert.Equal(t, request.SpanContext().SpanID(), wait.Parent().SpanID())
		}
		refused, served, gone := waits[0], waits[1], waits[2]
		assert.Equal(t, sdktrace.Status{Code: codes.Error, Description: slots.ErrFull.Error()}, refused.Status())
		assert.Equal(t, time.Second, served.EndTime().Sub(served.StartTime()))
		assert.Equal(t, codes.Unset, served.Status().Code)
		assert.Equal(t, codes.Unset, gone.Status().Code, "the caller has gone, which is no failure")
		assert.Len(t, gone.Events(), 1)
	})
}
