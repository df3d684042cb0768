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
	notMet       = "not-met"
	recovering   = "recovering"
	recovered    = "recovered"
	notRecovered = "not-recovered"
)

// check is how an expectation stands in a run. The supervisor's lock guards it.
type check struct {
	expectation k6.Expectation
	state       string
	value       *float64
	note        string
	since       time.Time // when the bound began to hold; zero while it does not
	metAt       time.Time
}

// observe takes in a value of the expectation's query, nil when it has none.
func (c *check) observe(now time.Time, r *run, value *float64) {
	c.value, c.note = value, ""
	holds := value != nil && c.expectation.Met(*value)
	if r.running() {
		c.while(now, r.started, holds)
	} else {
		c.after(now, r.ended, holds)
	}
}

// while decides as long as the run lasts. What was met stays so; what was not in time may still come.
func (c *check) while(now, started time.Time, holds bool) {
	if c.state == met {
		return
	}
	if !holds {
		c.since = time.Time{}
		if now.Sub(started) > time.Duration(c.expectation.Within) {
			c.state = notMet
		}
		return
	}
	if c.since.IsZero() {
		c.since = now
	}
	if now.Sub(c.since) >= time.Duration(c.expectation.For) {
		c.state, c.metAt = met, now
	}
}

// after decides about the recovery from what was met.
func (c *check) after(now, ended time.Time, holds bool) {
	if c.expectation.RecoversWithin == 0 || (c.state != met && c.state != recovering) {
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

// recovering reports whether the check is to be observed after the run's end. A query that can't be asked ends it too, in time.
func (c *check) recovering(r *run, now time.Time) bool {
	const grace = 10 * time.Second
	return (c.state == met || c.state == recovering) && c.expectation.RecoversWithin > 0 &&
		now.Sub(r.ended) <= time.Duration(c.expectation.RecoversWithin)+grace
}

func (c *check) describe() api.Check {
	described := api.Check{ID: c.expectation.ID, State: c.state, Note: c.note}
	if c.value != nil && !math.IsInf(*c.value, 0) {
		described.Value = c.value
	}
	if !c.metAt.IsZero() {
		described.MetAt = &c.metAt
	}
	return described
}
