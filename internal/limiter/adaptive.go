package limiter

import (
	"math"
	"time"
)

// How the adaptive limit moves.
const (
	// target is the utilization that the limit aims at: a few requests wait at the server, so that no slot is idle while an answer travels.
	target = 1.1

	// settle is the time constant with which the limit follows what the server reports.
	settle = 100 * time.Millisecond

	// probe is what the limit grows by while calls wait for it, in calls a second. It lets a client that has less than its share of a busy
	// server gain on those that have more: all grow alike, and all shrink in proportion.
	probe = 40

	// Without reports: the limit is multiplied by backOff at most once in each pause when the server refuses or does not answer, and grows by
	// one for each limit of answers while calls wait for it (additive increase, multiplicative decrease).
	backOff = 0.8
	pause   = 200 * time.Millisecond
)

// adaptive is a limit that follows what the server reports about itself.
//
// A server that reports the utilization u (requests served and waiting, for each slot) while this client has n of them there has n/u slots
// for this client. So target*n/u calls are what fills them, whatever the service times are, and the estimate holds also while the number of
// calls is still on its way to a new limit: n and u fall and rise together.
type adaptive struct {
	limit    float64
	min, max float64
	updated  time.Time // of the last report
	backedAt time.Time
}

// Outcome is what a call has shown about its server.
type Outcome struct {
	Utilization float64 // as the server reported it, 0 when it did not
	Overloaded  bool    // the server refused, or did not answer in time
	Unknown     bool    // the caller gave up, so nothing was shown
}

// observe follows an outcome. inFlight is how many calls the client had at the server, waiting whether others wait for the limit.
func (a *adaptive) observe(o Outcome, inFlight int, waiting bool, now time.Time) {
	switch {
	case o.Unknown:
		return
	case o.Utilization > 0:
		a.follow(o.Utilization, inFlight, waiting, now)
	case o.Overloaded:
		if now.Sub(a.backedAt) >= pause {
			a.limit *= backOff
			a.backedAt = now
		}
	case waiting:
		a.limit += 1 / a.limit
	}
	a.limit = min(max(a.limit, a.min), a.max)
}

func (a *adaptive) follow(utilization float64, inFlight int, waiting bool, now time.Time) {
	since := now.Sub(a.updated)
	a.updated = now
	fits := target * float64(max(inFlight, 1)) / utilization
	a.limit += (fits - a.limit) * (1 - math.Exp(-since.Seconds()/settle.Seconds()))
	if waiting {
		a.limit += probe * min(since, settle).Seconds()
	}
}
