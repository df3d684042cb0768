package app

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"deals.example/internal/flight"
	"deals.example/internal/problem"
)

// Of the probes of all dependencies together.
const (
	probeTimeout  = time.Second
	probeFresh    = 250 * time.Millisecond // results of this age are used again
	probePatience = 100 * time.Millisecond // how long an answer waits for new results when there are others
	maxProbeAge   = 5 * time.Second        // of those others
)

// check is a registered dependency.
type check struct {
	name     string
	critical bool
	probe    func(context.Context) error
}

// deepPath is the path of the readiness that includes what only deep checks probe.
const deepPath = "/readyz/deep"

// health answers /healthz, /readyz and /readyz/deep.
type health struct {
	shallow, deep *probes // deep are those that only /readyz/deep has
	ready         atomic.Bool
}

// probes are dependencies, whose states are cached.
type probes struct {
	checks []check
	latest *flight.Latest[[]dependency]
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

func newHealth() *health { return &health{shallow: newProbes(), deep: newProbes()} }

func newProbes() *probes {
	p := &probes{}
	p.latest = flight.NewLatest(
		flight.LatestConfig{Timeout: probeTimeout, Patience: probePatience, MaxAge: maxProbeAge, Fresh: probeFresh}, p.probeAll)
	return p
}

// wait waits for the probes in flight.
func (h *health) wait() {
	h.shallow.latest.Wait()
	h.deep.latest.Wait()
}

func (h *health) setReady(ready bool) { h.ready.Store(ready) }

func (h *health) isReady() bool { return h.ready.Load() }

// live handles /healthz.
func (h *health) live(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, http.StatusOK, liveBody{"ok", problem.NewMeta(r.Context())})
}

// readiness handles /readyz. The status is 503 if the component is not ready.
func (h *health) readiness(w http.ResponseWriter, r *http.Request) {
	h.answer(w, r, h.shallow.run(r.Context()))
}

// deepReadiness handles /readyz/deep.
func (h *health) deepReadiness(w http.ResponseWriter, r *http.Request) {
	h.answer(w, r, slices.Concat(h.shallow.run(r.Context()), h.deep.run(r.Context())))
}

func (h *health) answer(w http.ResponseWriter, r *http.Request, dependencies []dependency) {
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

func (p *probes) run(ctx context.Context) []dependency {
	dependencies, _, _ := p.latest.Get(context.WithoutCancel(ctx)) // neither it nor probeAll has an error
	return dependencies
}

// probeAll probes all dependencies. Its error is nil.
func (p *probes) probeAll(ctx context.Context) ([]dependency, error) {
	results := make([]dependency, len(p.checks))
	var probing sync.WaitGroup
	for i, c := range p.checks {
		probing.Go(func() { results[i] = c.run(ctx) })
	}
	probing.Wait()
	return results, nil
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
