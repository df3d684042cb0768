package prom

import (
	"fmt"
	"sync"
	"time"
)

// Health is how Prometheus was when it was asked last.
type Health struct {
	OK     bool
	Since  time.Time // OK: the first answer since the last failure. Else: the last answer, or the start when there was none.
	Reason string    // why not OK
}

// Unavailable is the error of a query that Prometheus did not answer.
type Unavailable struct {
	Since time.Time // when it answered last, or the start when it never did
	Err   error
}

// Error says since when, and why.
func (u *Unavailable) Error() string {
	return fmt.Sprintf("prometheus has not answered since %s: %v", u.Since.UTC().Format(time.RFC3339), u.Err)
}

// Unwrap returns the reason.
func (u *Unavailable) Unwrap() error { return u.Err }

type health struct {
	mu     sync.Mutex
	state  Health
	latest time.Time // last answer
}

func newHealth(start time.Time) health {
	return health{state: Health{Since: start, Reason: "not asked yet"}, latest: start}
}

func (h *health) now() Health {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.state
}

func (h *health) answered(at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.state.OK {
		h.state = Health{OK: true, Since: at}
	}
	h.latest = at
}

// lost notes a question without an answer and returns the error for whoever asked it.
func (h *health) lost(err error) *Unavailable {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.state = Health{Since: h.latest, Reason: err.Error()}
	return &Unavailable{Since: h.latest, Err: err}
}
