package ratinglb

import (
	"time"

	"deals.example/internal/upstream"
)

// target is one replica. The Balancer's lock guards what is below the endpoint.
type target struct {
	name     string // its base URL
	endpoint *upstream.Endpoint

	passing      bool      // the last active check
	ejectedUntil time.Time // zero: not ejected
	failures     int       // in a row

	requests, errors uint64
	lastStatus       int // 0: none
	lastError        string
	lastUsed         time.Time
}

func newTarget(url string, cfg Config, deps upstream.Deps) (*target, error) {
	most := max(cfg.Timeout, cfg.HealthTimeout) // what bounds each use is its context
	endpoint, err := upstream.NewEndpoint(upstream.EndpointConfig{Service: service, URL: url, Timeout: most}, deps)
	if err != nil {
		return nil, err
	}
	return &target{name: endpoint.URL(), endpoint: endpoint}, nil
}

func (t *target) sameAs(other *target) bool { return t.name == other.name }

func (t *target) healthy() bool { return t.passing && t.ejectedUntil.IsZero() }

// used counts an attempt; err is nil when it says nothing against the replica.
func (t *target) used(now time.Time, status int, err error) {
	t.requests++
	t.lastUsed, t.lastStatus = now, status
	switch {
	case err != nil:
		t.errors++
		t.failures++
		t.lastError = err.Error()
	case status != 0:
		t.failures = 0
	}
}

// checked notes the outcome of an active check. A passed one brings an ejected replica back, if it has rested.
func (t *target) checked(now time.Time, err error) {
	t.passing = err == nil
	if err != nil {
		t.lastError = "health check: " + err.Error()
		return
	}
	if !t.ejectedUntil.IsZero() && !now.Before(t.ejectedUntil) {
		t.ejectedUntil, t.failures = time.Time{}, 0
	}
}
