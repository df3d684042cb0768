// Package api defines the dashboard's HTTP API: the table of its endpoints and the types of requests and responses. openapi.json is generated
// from both and served at /api/openapi.json.
//
// Conventions: rates are per second (Rps), shares are percent (Pct, 0 to 100), durations say their unit (Ms, Sec); times are RFC 3339, in
// charts Unix seconds. Every member is always there. A number that may be null is a pointer: null is "not known", since nothing
// was counted (no traffic, no lists, no job) or nobody reports it (the component is down), and is never to be shown as 0.
// Lists are never null. An error is {error, code, warnings, meta}; without Prometheus every call that needs it answers 503 with the
// code prometheus_unavailable and since, the time of its last answer.
package api

import "net/http"

// Endpoint is an endpoint of the API.
type Endpoint struct {
	ID      string // unique; the handler is found by it
	Method  string
	Path    string // with {parameters}
	Summary string
	Params  any // of path and query, by their tags; nil: none
	Body    any // of the request; nil: none
	Output  any // body of the 200
}

// Changes reports whether the call changes something, so that it needs the token and an origin of our own.
func (e Endpoint) Changes() bool { return e.Method != http.MethodGet }

// Endpoints returns all endpoints.
func Endpoints() []Endpoint {
	const get, post, put, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
	return []Endpoint{
		{"sli", get, "/api/sli", "The six indicators, their targets and, on request, their history", HistoryParams{}, nil, SLI{}},
		{"slo", get, "/api/slo", "Objectives, error budgets, burn rates, and pending and firing alerts", nil, nil, SLO{}},
		{"whatIf", get, "/api/slo/what-if", "What another target would make of a latency objective", WhatIfParams{}, nil, WhatIf{}},
		{"topology", get, "/api/topology", "The service graph with its current numbers", nil, nil, Topology{}},
		{"node", get, "/api/topology/{node}", "History of the numbers of a node", NodeParams{}, nil, NodeHistory{}},
		{"busyTraces", get, "/api/topology/{node}/traces", "Traces for which a component used the most CPU time, from its profiles", ComponentParams{}, nil, BusyTraces{}},
		{"hybrid", get, "/api/hybrid", "Hit rates of the read model and the upstream calls that it saves", HistoryParams{}, nil, Hybrid{}},
		{"hash", get, "/api/hash", "Comparison of bad and good heavy hashes: latency of lists while each ran", HistoryParams{}, nil, Hash{}},
		{"queues", get, "/api/queues", "Queues and their latest dead jobs", HistoryParams{}, nil, Queues{}},
		{"replay", post, "/api/queues/{queue}/replay", "Enqueue one dead job, or all dead jobs of the queue, again", QueueParams{}, ReplayBody{}, Replayed{}},
		{"scenarios", get, "/api/scenarios", "The scenarios, their current runs and the state of their expectations", nil, nil, Scenarios{}},
		{"scenario", post, "/api/scenario/{id}", "Start or stop a scenario; without a body: toggle it", ScenarioParams{}, ScenarioBody{}, Scenario{}},
		{"runs", get, "/api/scenarios/history", "Runs since the dashboard started, newest first, and markers for charts", nil, nil, Runs{}},
		{"experiments", get, "/api/experiments", "The experiments with their last verdicts, and the run that goes on", nil, nil, Experiments{}},
		{"experiment", get, "/api/experiments/{id}", "An experiment, whole, with the result of its last run", ExperimentParams{}, nil, ExperimentDetail{}},
		{"runExperiment", post, "/api/experiments/{id}", "Start a run of an experiment", ExperimentParams{}, ExperimentBody{}, ExperimentRun{}},
		{"stopExperiment", del, "/api/experiments", "Stop the run that goes on, if there is one; everything is put back", nil, nil, Experiments{}},
		{"experimentResult", get, "/api/experiments/{id}/runs/{run}", "What a run measured", ExperimentRunParams{}, nil, ExperimentResult{}},
		{"faults", get, "/api/faults/{service}", "The synthetic faults of a domain service", ServiceParams{}, nil, Fault{}},
		{"setFaults", put, "/api/faults/{service}", "Change the synthetic faults of a domain service; absent fields keep their value", ServiceParams{}, FaultChange{}, Fault{}},
		{"resetFaults", del, "/api/faults/{service}", "Restore the configured faults of a domain service", ServiceParams{}, nil, Fault{}},
		{"capacity", get, "/api/capacity/{service}", "The capacity of a domain service, with what it serves now", ServiceParams{}, nil, Capacity{}},
		{"setCapacity", put, "/api/capacity/{service}", "Change the capacity of a domain service; absent fields keep their value", ServiceParams{}, CapacityChange{}, Capacity{}},
		{"resetCapacity", del, "/api/capacity/{service}", "Restore the configured capacity of a domain service", ServiceParams{}, nil, Capacity{}},
		{"controls", get, "/api/controls/{component}", "The controls of a component, with the options in force", ControlsParams{}, nil, Controls{}},
		{"setControl", put, "/api/controls/{component}", "Switch a control of a component", ControlsParams{}, ControlChange{}, Controls{}},
		{"resetControls", del, "/api/controls/{component}", "Switch all controls of a component back to the options of its start", ControlsParams{}, nil, Controls{}},
		{"switches", get, "/api/switches", "Switches of controls in the last 15 minutes, to mark in charts", nil, nil, Switches{}},
		{"flame", get, "/api/flame", "The flame graph comparison: its state and the last report", nil, nil, Flame{}},
		{"compareFlames", post, "/api/flame", "Start a flame graph comparison of bad and good hashes", nil, nil, Flame{}},
		{"alerts", get, "/api/alerts", "Notifications from Alertmanager since the dashboard started, newest first", nil, nil, Alerts{}},
		{"notify", post, "/api/alerts", "Receive a notification from Alertmanager (webhook version 4)", nil, Notification{}, Taken{}},
		{"links", get, "/api/links", "The other pages of the platform, with URL templates for available ones", nil, nil, Links{}},
		{"meta", get, "/api/meta", "Version, limits and the state of Prometheus", nil, nil, Meta{}},
	}
}
