// Package deadline carries the time that a request has left from hop to hop. It travels as a duration and not as a moment,
// as in gRPC, so that the hops need no common clock.
package deadline

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// Header holds the whole milliseconds that the sender waits for the answer.
const Header = "X-Deadline-Ms"

// Max is the longest time that is accepted; what waits longer needs no deadline.
const Max = 10 * time.Minute

// errPassed is the cause of a context that With has ended.
var errPassed = errors.New("the caller's deadline has passed")

// With returns a context that ends when the caller has no time left.
func With(ctx context.Context, left time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, left, errPassed)
}

// Passed reports whether ctx, which With or a child of it made, has ended because the caller has no time left: nobody waits for the answer.
func Passed(ctx context.Context) bool { return errors.Is(context.Cause(ctx), errPassed) }

// Inject sets Header to the time that ctx has left, rounded down but at least 1 ms. It does nothing when ctx has no deadline.
func Inject(ctx context.Context, h http.Header) {
	end, bounded := ctx.Deadline()
	if !bounded {
		return
	}
	left := min(time.Until(end), Max)
	h.Set(Header, strconv.FormatInt(max(left.Milliseconds(), 1), 10))
}

// Extract returns the time left that h announces, 0 when it announces none. ok is false when the header is not a whole number of
// milliseconds from 1 to Max.
func Extract(h http.Header) (left time.Duration, ok bool) {
	text := h.Get(Header)
	if text == "" {
		return 0, true
	}
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil || ms < 1 || ms > Max.Milliseconds() {
		return 0, false
	}
	return time.Duration(ms) * time.Millisecond, true
}
