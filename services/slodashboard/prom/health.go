package prom

import (
	"fmt"
	"sync"
	"time"
)

// Health is the state of Prometheus at the last query.
type Health struct {
	OK     bool
	Since  time.Time // OK: first answer since the last failure; else: last answer, or the start if there was none
	Reason string    // why not OK
}

// Unavailable is returned if Prometheus did not answer a query.
type Unavailable struct {
	Since time.Time // last answer, or the start if there was none
	Err   error
}

// Error returns the time of the last answer and the reason.
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

// lost records a failed query and returns its error.
func (h *health) lost(err error) *Unavailable {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.state = Health{Since: h.latest, Reason: err.Error()}
	return &Unavailable{Since: h.latest, Err: err}
}
