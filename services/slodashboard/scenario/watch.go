package scenario

import (
	"context"
	"time"
)

// Watch checks the expectations of current and recent runs at each interval, until ctx ends.
func (s *Supervisor) Watch(ctx context.Context, interval time.Duration) error {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			for _, r := range s.watched(time.Now()) {
				s.look(ctx, r)
			}
		}
	}
}

func (s *Supervisor) watched(now time.Time) []*run {
	s.mu.Lock()
	defer s.mu.Unlock()
	var watched []*run
	for _, r := range s.runs {
		if r.watched(now) {
			watched = append(watched, r)
		}
	}
	return watched
}

// look checks each expectation of a run. Without an answer from Prometheus the state does not change.
func (s *Supervisor) look(ctx context.Context, r *run) {
	for i := range r.checks {
		value, err := s.deps.Ask(ctx, r.checks[i].expectation.Query)
		s.mu.Lock()
		if err != nil {
			r.checks[i].note = err.Error()
		} else {
			r.checks[i].observe(time.Now(), r, value)
		}
		s.mu.Unlock()
	}
}

// Autostart waits until ready returns nil and starts the default scenario. It returns early if ctx ends.
func (s *Supervisor) Autostart(ctx context.Context, ready func(context.Context) error) error {
	const pause = 500 * time.Millisecond
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	for ready(ctx) != nil {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
	for _, scenario := range s.deps.Catalog {
		if !scenario.Default {
			continue
		}
		if err := s.Start(ctx, scenario.ID, nil); err != nil {
			s.deps.Logger.WarnContext(ctx, "default scenario was not started", "scenario", scenario.ID, "error", err)
		}
	}
	return nil
}
