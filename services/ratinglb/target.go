package ratinglb

import (
	"sync/atomic"
	"time"

	"deals.example/internal/upstream"
)

// target is one replica. The lock of the Balancer guards the fields after inFlight.
type target struct {
	name     string // its base URL
	endpoint *upstream.Endpoint
	inFlight atomic.Int64 // attempts

	passing      bool      // the last health check passed
	ejectedUntil time.Time // zero: not ejected
	failures     int       // consecutive

	requests, errors uint64
	lastStatus       int // 0: none
	lastError        string
	lastUsed         time.Time
}

func newTarget(url string, cfg Config, deps upstream.Deps) (*target, error) {
	limit := max(cfg.Timeout, cfg.HealthTimeout) // the context of each call is shorter
	endpoint, err := upstream.NewEndpoint(upstream.EndpointConfig{Service: service, URL: url, Timeout: limit}, deps)
	if err != nil {
		return nil, err
	}
	return &target{name: endpoint.URL(), endpoint: endpoint}, nil
}

func (t *target) healthy() bool { return t.passing && t.ejectedUntil.IsZero() }

// used counts an attempt. err is nil if the replica did not fail.
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

// checked records a health check. A check that passes readmits an ejected replica once its ejection time has passed.
func (t *target) checked(now time.Time, err error) {
	t.passing = err == nil
	if err != nil {
		t.lastError = "health check: " + err.Error()
		return
	}
	if !t.ejectedUntil.IsZero() && !now.Before(t.ejectedUntil) {
		t.readmit()
	}
}

// readmit ends an ejection and forgets the failures.
func (t *target) readmit() { t.ejectedUntil, t.failures = time.Time{}, 0 }
