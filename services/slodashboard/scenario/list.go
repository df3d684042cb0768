package scenario

import (
	"slices"
	"time"

	"deals.example/k6"
	"deals.example/services/slodashboard/api"
)

// List returns the catalog with the state of each scenario.
func (s *Supervisor) List() api.Scenarios {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := api.Scenarios{Available: s.deps.Runner != nil, Running: s.active(), Limit: s.cfg.Limit, Scenarios: []api.Scenario{}}
	if s.deps.Missing != nil {
		list.Reason = s.deps.Missing.Error()
	}
	now := time.Now()
	for _, scenario := range s.deps.Catalog {
		list.Scenarios = append(list.Scenarios, s.describe(scenario, now))
	}
	return list
}

// Show returns one scenario of List. It returns false for an unknown id.
func (s *Supervisor) Show(id string) (api.Scenario, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	scenario, known := s.deps.Catalog.Find(id)
	if !known {
		return api.Scenario{}, false
	}
	return s.describe(scenario, time.Now()), true
}

// describe returns a scenario with its latest run. mu must be held.
func (s *Supervisor) describe(scenario k6.Scenario, now time.Time) api.Scenario {
	described := api.Scenario{
		ID: scenario.ID, Label: scenario.Label, Summary: scenario.Summary, Explanation: scenario.Explanation, LookFor: scenario.LookFor,
		Default: scenario.Default, Intensity: api.Intensity(scenario.Intensity),
		LastsSec: time.Duration(scenario.Lasts).Seconds(), Expectations: []api.Expectation{},
	}
	for _, e := range scenario.Expectations {
		described.Expectations = append(described.Expectations, api.Expectation{
			ID: e.ID, Text: e.Text, Query: e.Query, Above: e.Above, Below: e.Below,
			WithinSec: time.Duration(e.Within).Seconds(), ForSec: time.Duration(e.For).Seconds(),
			RecoversWithinSec: time.Duration(e.RecoversWithin).Seconds(),
		})
	}
	for _, r := range slices.Backward(s.runs) {
		if r.scenario.ID == scenario.ID {
			described.Active, described.Run = r.running() && !r.stopping, r.describe(now)
			break
		}
	}
	return described
}

// Runs returns the history, newest run first.
func (s *Supervisor) Runs() api.Runs {
	s.mu.Lock()
	defer s.mu.Unlock()
	history := api.Runs{Since: s.since, Limit: historyLimit, Runs: []api.Run{}, Markers: []api.Marker{}}
	now := time.Now()
	for _, r := range slices.Backward(s.runs) {
		history.Runs = append(history.Runs, *r.describe(now))
		history.Markers = append(history.Markers, api.Marker{At: r.started, Scenario: r.scenario.ID, Label: r.scenario.Label, Kind: "start"})
		if !r.running() {
			history.Markers = append(history.Markers, api.Marker{At: r.ended, Scenario: r.scenario.ID, Label: r.scenario.Label, Kind: "stop"})
		}
	}
	slices.SortStableFunc(history.Markers, func(a, b api.Marker) int { return a.At.Compare(b.At) })
	return history
}
