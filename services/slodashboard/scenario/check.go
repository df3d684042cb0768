package scenario

import (
	"math"
	"time"

	"deals.example/k6"
	"deals.example/services/slodashboard/api"
)

// States of a check.
const (
	pending      = "pending"
	met          = "met"
	lost         = "lost"
	notMet       = "not-met"
	recovering   = "recovering"
	recovered    = "recovered"
	notRecovered = "not-recovered"
)

// check is the state of an expectation in a run. The supervisor's mutex guards it.
type check struct {
	expectation k6.Expectation
	state       string
	value       *float64
	note        string
	since       time.Time // start of the current period in which the bound holds; zero if it does not
	metAt       time.Time // when it was first met
	lostAt      time.Time // when it stopped holding; zero while it holds
}

// observe updates the check with a value of its query, nil if the query has none.
func (c *check) observe(now time.Time, r *run, value *float64) {
	c.value, c.note = value, ""
	holds := value != nil && c.expectation.Met(*value)
	if r.running() {
		c.duringRun(now, r.started, holds)
	} else {
		c.afterRun(now, r.ended, holds)
	}
}

// duringRun updates the state during the run. A check that was not met in time can still be met later.
func (c *check) duringRun(now, started time.Time, holds bool) {
	switch {
	case !holds && c.state == met:
		c.state, c.since, c.lostAt = lost, time.Time{}, now
	case !holds:
		c.since = time.Time{}
		if c.metAt.IsZero() && now.Sub(started) > time.Duration(c.expectation.Within) {
			c.state = notMet
		}
	default:
		if c.since.IsZero() {
			c.since = now
		}
		if now.Sub(c.since) >= time.Duration(c.expectation.For) {
			c.meet(now)
		}
	}
}

func (c *check) meet(now time.Time) {
	if c.metAt.IsZero() {
		c.metAt = now
	}
	c.state, c.lostAt = met, time.Time{}
}

// afterRun updates the state after the run: recovered once the bound no longer holds.
func (c *check) afterRun(now, ended time.Time, holds bool) {
	if !c.recovers() || c.state == recovered || c.state == notRecovered {
		return
	}
	switch {
	case !holds:
		c.state = recovered
	case now.Sub(ended) > time.Duration(c.expectation.RecoversWithin):
		c.state = notRecovered
	default:
		c.state = recovering
	}
}

// recovers reports whether a recovery is expected: the check was met and has RecoversWithin.
func (c *check) recovers() bool { return !c.metAt.IsZero() && c.expectation.RecoversWithin > 0 }

// recovering reports whether the check is still observed after the run. The time is bounded even if Prometheus does not answer.
func (c *check) recovering(r *run, now time.Time) bool {
	const grace = 10 * time.Second
	return c.recovers() && c.state != recovered && c.state != notRecovered &&
		now.Sub(r.ended) <= time.Duration(c.expectation.RecoversWithin)+grace
}

func (c *check) describe() api.Check {
	described := api.Check{ID: c.expectation.ID, State: c.state, Note: c.note}
	if c.value != nil && !math.IsInf(*c.value, 0) {
		described.Value = c.value
	}
	if !c.metAt.IsZero() {
		described.MetAt = new(c.metAt)
	}
	if !c.lostAt.IsZero() {
		described.LostAt = new(c.lostAt)
	}
	return described
}
