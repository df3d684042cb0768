package app

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"deals.example/internal/problem"
)

const (
	probeTimeout = time.Second            // of all dependencies together
	readinessAge = 250 * time.Millisecond // results of probes are cached for this time
)

// check is a registered dependency.
type check struct {
	name     string
	critical bool
	probe    func(context.Context) error
}

// health answers /healthz and /readyz.
type health struct {
	checks []check
	ready  atomic.Bool

	mu      sync.Mutex // held while probing
	last    []dependency
	probeAt time.Time
}

// dependency is the result of a probe in the body of /readyz.
type dependency struct {
	Name      string  `json:"name"`
	Critical  bool    `json:"critical"`
	OK        bool    `json:"ok"`
	LatencyMs float64 `json:"latencyMs"`
	Reason    string  `json:"reason,omitempty"`
}

// liveBody is the body of /healthz.
type liveBody struct {
	Status string       `json:"status"`
	Meta   problem.Meta `json:"meta"`
}

// readinessBody is the body of /readyz.
type readinessBody struct {
	Status       string       `json:"status"`
	Reason       string       `json:"reason,omitempty"`
	Dependencies []dependency `json:"dependencies"`
	Meta         problem.Meta `json:"meta"`
}

func newHealth() *health { return &health{last: []dependency{}} }

func (h *health) setReady(ready bool) { h.ready.Store(ready) }

func (h *health) isReady() bool { return h.ready.Load() }

// live handles /healthz.
func (h *health) live(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, http.StatusOK, liveBody{"ok", problem.NewMeta(r.Context())})
}

// readiness handles /readyz. The status is 503 if the component is not ready.
func (h *health) readiness(w http.ResponseWriter, r *http.Request) {
	dependencies := h.probeAll(context.WithoutCancel(r.Context()))
	body := readinessBody{Status: verdict(dependencies), Dependencies: dependencies, Meta: problem.NewMeta(r.Context())}
	if !h.isReady() {
		body.Status, body.Reason = "not-ready", "starting or shutting down"
	}
	status := http.StatusOK
	if body.Status == "not-ready" {
		status = http.StatusServiceUnavailable
	}
	writeJSON(w, status, body)
}

func verdict(dependencies []dependency) string {
	status := "ready"
	for _, d := range dependencies {
		switch {
		case d.OK:
		case d.Critical:
			return "not-ready"
		default:
			status = "degraded"
		}
	}
	return status
}

func (h *health) probeAll(ctx context.Context) []dependency {
	h.mu.Lock()
	defer h.mu.Unlock()
	if time.Since(h.probeAt) < readinessAge {
		return h.last
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	results := make([]dependency, len(h.checks))
	var probing sync.WaitGroup
	for i, c := range h.checks {
		probing.Go(func() { results[i] = c.run(ctx) })
	}
	probing.Wait()
	h.last, h.probeAt = results, time.Now()
	return results
}

func (c check) run(ctx context.Context) dependency {
	start := time.Now()
	err := c.probe(ctx)
	result := dependency{
		Name: c.name, Critical: c.critical, OK: err == nil,
		LatencyMs: float64(time.Since(start).Microseconds()) / 1000,
	}
	if err != nil {
		result.Reason = err.Error()
	}
	return result
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client may have gone
}
