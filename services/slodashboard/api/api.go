// Package api is the JSON of the dashboard's HTTP API: the one table of its calls and the types of what they take and answer.
// openapi.json beside it is made of both, and is served at /api/openapi.json.
//
// Conventions: rates are per second (Rps), shares are percent (Pct, 0 to 100), durations say their unit (Ms, Sec); times are RFC 3339, in
// charts Unix seconds. Every member is always there. A number that may be null is a pointer: null is "not known", since nothing
// was counted (no traffic, no lists, no job) or nobody reports it (the component is down), and is never to be shown as 0.
// Lists are never null. An error is {error, code, warnings, meta}; without Prometheus every call that needs it answers 503 with the
// code prometheus_unavailable and since, the time of its last answer.
package api

import "net/http"

// Endpoint is a call of the API.
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

// Endpoints is the table of all calls.
func Endpoints() []Endpoint {
	const get, post, put, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
	return []Endpoint{
		{"sli", get, "/api/sli", "The six indicators now, their targets, and on demand their history", HistoryParams{}, nil, SLI{}},
		{"slo", get, "/api/slo", "Objectives, error budgets, burn rates, and the alerts that are pending or firing", nil, nil, SLO{}},
		{"topology", get, "/api/topology", "The service graph with its live numbers", nil, nil, Topology{}},
		{"node", get, "/api/topology/{node}", "History of the numbers of one node of the graph", NodeParams{}, nil, NodeHistory{}},
		{"hybrid", get, "/api/hybrid", "How well the read model serves lists, and what it saves", HistoryParams{}, nil, Hybrid{}},
		{"hash", get, "/api/hash", "Heavy hashes, bad against good: what lists suffered while each ran", HistoryParams{}, nil, Hash{}},
		{"queues", get, "/api/queues", "Queues, and the latest of their dead jobs", HistoryParams{}, nil, Queues{}},
		{"replay", post, "/api/queues/{queue}/replay", "Enqueue one dead job again, or all of the queue", QueueParams{}, ReplayBody{}, Replayed{}},
		{"scenarios", get, "/api/scenarios", "The scenarios, which of them run, and how their expectations stand", nil, nil, Scenarios{}},
		{"scenario", post, "/api/scenario/{id}", "Start or stop a scenario; without a body: the other of the two", ScenarioParams{}, ScenarioBody{}, Scenario{}},
		{"runs", get, "/api/scenarios/history", "Runs since the dashboard started, the latest first, and the moments to mark in charts", nil, nil, Runs{}},
		{"faults", get, "/api/faults/{service}", "The synthetic faults of a domain service", ServiceParams{}, nil, Fault{}},
		{"setFaults", put, "/api/faults/{service}", "Change the synthetic faults of a domain service; what is left out stays", ServiceParams{}, FaultChange{}, Fault{}},
		{"resetFaults", del, "/api/faults/{service}", "Put the configured faults of a domain service back", ServiceParams{}, nil, Fault{}},
		{"flame", get, "/api/flame", "The flame graph comparison: whether one runs, and the last report", nil, nil, Flame{}},
		{"compareFlames", post, "/api/flame", "Start a flame graph comparison of bad and good hashes", nil, nil, Flame{}},
		{"alerts", get, "/api/alerts", "What Alertmanager sent since the dashboard started, the latest first", nil, nil, Alerts{}},
		{"notify", post, "/api/alerts", "Take a notification of Alertmanager (its webhook, version 4)", nil, Notification{}, Taken{}},
		{"links", get, "/api/links", "The other pages of the platform that are there, with their URL templates", nil, nil, Links{}},
		{"meta", get, "/api/meta", "Version, limits, and how Prometheus is", nil, nil, Meta{}},
	}
}
