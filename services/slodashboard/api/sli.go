package api

import (
	"encoding/json"
	"math"
	"time"
)

// Seconds is a duration that may be infinite: a number or "Infinity".
type Seconds float64

// MarshalJSON implements json.Marshaler; JSON has no number that is infinite.
func (s Seconds) MarshalJSON() ([]byte, error) {
	if math.IsInf(float64(s), 1) {
		return []byte(`"Infinity"`), nil
	}
	return json.Marshal(float64(s))
}

// JSONSchemaBytes describes what MarshalJSON makes.
func (Seconds) JSONSchemaBytes() ([]byte, error) {
	return []byte(`{"oneOf": [{"type": "number"}, {"const": "Infinity"}]}`), nil
}

// HistoryParams requests a history.
type HistoryParams struct {
	History string `query:"history" description:"Go duration from 1m to 24h, such as 15m; absent: no history" pattern:"^[0-9hms.]+$"`
}

// History holds series with common times, in the layout of charts.
type History struct {
	StepSec float64   `json:"stepSec"`
	Times   []float64 `json:"times" description:"Unix seconds, stepSec apart"`
	Series  []Series  `json:"series"`
}

// Series is one line of a chart.
type Series struct {
	Name   string     `json:"name" description:"name of the field"`
	Of     string     `json:"of" description:"queue, service or route if several series have the name, else empty"`
	Values []*float64 `json:"values" description:"one value per time; null if unknown or infinite"`
}

// SLI is the six indicators, as docs/platform.md#indicators defines them.
type SLI struct {
	At                     time.Time `json:"at"`
	RequestRateRps         *float64  `json:"requestRateRps"`
	ErrorRatePct           *float64  `json:"errorRatePct" description:"null without traffic"`
	P95LatencyMs           *float64  `json:"p95LatencyMs" description:"null without traffic"`
	UpstreamFailureRatePct *float64  `json:"upstreamFailureRatePct" description:"null without calls; can exceed 100, because open breakers refuse calls without an attempt"`
	QueueDepth             *float64  `json:"queueDepth"`
	QueueLagEstimateSec    *Seconds  `json:"queueLagEstimateSec" description:"a number, \"Infinity\" if jobs wait and none completes, or null"`
	Targets                Targets   `json:"targets"`
	Met                    Met       `json:"met"`
	Outside                Outside   `json:"outside"`
	History                *History  `json:"history" description:"series named like the fields above; null unless requested"`
}

// Targets holds the targets. An indicator meets its target while it is below it.
type Targets struct {
	ErrorRatePct float64 `json:"errorRatePct"`
	P95LatencyMs float64 `json:"p95LatencyMs"`
	QueueDepth   float64 `json:"queueDepth"`
}

// Met reports whether each target is met now. It is null if the indicator is null.
type Met struct {
	ErrorRatePct *bool `json:"errorRatePct"`
	P95LatencyMs *bool `json:"p95LatencyMs"`
	QueueDepth   *bool `json:"queueDepth"`
}

// Outside holds what clients got, beside what the API measures itself: of lists or of details, whichever is worse.
type Outside struct {
	Source             string   `json:"source" enum:"k6,probe,none" description:"who measured: the clients of a running scenario, the dashboard's own probes, or nobody"`
	WindowSec          float64  `json:"windowSec"`
	Requests           *float64 `json:"requests" description:"measured outside, of the route that has fewer"`
	ErrorRatePct       *float64 `json:"errorRatePct" description:"share of requests without an answer or with a 5xx, measured outside"`
	P95LatencyMs       *float64 `json:"p95LatencyMs" description:"measured outside"`
	InsideErrorRatePct *float64 `json:"insideErrorRatePct" description:"as the API counts it"`
	InsideP95LatencyMs *float64 `json:"insideP95LatencyMs" description:"as the API measures it"`
	Differences        []string `json:"differences" description:"sentences on where the two differ by more than noise; empty when they agree"`
}

// SLO holds the objectives over each set of windows.
type SLO struct {
	At     time.Time      `json:"at"`
	Sets   []ObjectiveSet `json:"sets" description:"30 days first, then lab time; empty until Prometheus has evaluated the rules"`
	Alerts []Alert        `json:"alerts" description:"firing before pending, oldest first"`
}

// ObjectiveSet holds the objectives over one set of windows.
type ObjectiveSet struct {
	ID         string      `json:"id" description:"Sloth's service: deals (30 days) or deals-lab-time"`
	Label      string      `json:"label"`
	PeriodSec  float64     `json:"periodSec"`
	Objectives []Objective `json:"objectives"`
}

// Objective is a service level objective and its current state.
type Objective struct {
	ID            string   `json:"id" description:"such as deals-lab-time-latency"`
	Name          string   `json:"name"`
	ObjectivePct  float64  `json:"objectivePct"`
	TargetMs      *float64 `json:"targetMs" description:"latency objectives only: an event is good if it takes at most this long"`
	DeliveredPct  *float64 `json:"deliveredPct" description:"over the period"`
	BadEvents     *float64 `json:"badEvents" description:"in the period; seconds for an objective on time, else requests or jobs"`
	TotalEvents   *float64 `json:"totalEvents" description:"in the period, in the unit of badEvents"`
	EventUnit     string   `json:"eventUnit" description:"events or seconds; empty if totalEvents is null"`
	BudgetLeftPct *float64 `json:"budgetLeftPct" description:"100: all of the error budget is left; negative: overspent"`
	BurnRate      *float64 `json:"burnRate" description:"over the shortest window; at 1 the budget lasts exactly for the period"`
	BurnRates     []Burn   `json:"burnRates" description:"shortest window first"`
	Severity      Severity `json:"severity"`
}

// WhatIfParams name a latency objective and another target for it.
type WhatIfParams struct {
	Objective string  `query:"objective" required:"true" description:"id of a latency objective, such as deals-lab-time-latency"`
	TargetMs  float64 `query:"targetMs" required:"true" minimum:"1" maximum:"600000"`
}

// WhatIf says what another target would make of a latency objective, of the events of its whole period. The numbers come from a native
// histogram whose buckets are at most 10 % wide, so at the objective's own target they differ slightly from the objective's. They are null
// without events.
type WhatIf struct {
	At            time.Time `json:"at"`
	Objective     string    `json:"objective"`
	TargetMs      float64   `json:"targetMs"`
	ObjectivePct  float64   `json:"objectivePct"`
	PeriodSec     float64   `json:"periodSec"`
	DeliveredPct  *float64  `json:"deliveredPct" description:"share of the events that took at most targetMs"`
	BadEvents     *float64  `json:"badEvents" description:"in the period"`
	TotalEvents   *float64  `json:"totalEvents" description:"in the period"`
	BudgetLeftPct *float64  `json:"budgetLeftPct" description:"100: all of the error budget is left; negative: overspent"`
	BurnRate      *float64  `json:"burnRate" description:"over the period; at 1 the budget lasts exactly for it"`
}

// Burn is the burn rate over one window.
type Burn struct {
	Window    string  `json:"window" description:"such as 5m"`
	WindowSec float64 `json:"windowSec"`
	Rate      float64 `json:"rate"`
}

// Alert is a pending or firing alert of Prometheus.
type Alert struct {
	Name        string    `json:"name"`
	State       string    `json:"state" enum:"pending,firing"`
	Severity    string    `json:"severity" description:"page, ticket, or empty"`
	Set         string    `json:"set" description:"set of the objective; empty for an alert on a cause"`
	Objective   string    `json:"objective" description:"name of the objective; empty for an alert on a cause"`
	Component   string    `json:"component" description:"job of the affected component, or empty"`
	Since       time.Time `json:"since" description:"when the condition began to hold"`
	AgeSec      float64   `json:"ageSec"`
	Summary     string    `json:"summary"`
	Description string    `json:"description"`
	Runbook     string    `json:"runbook" description:"path of its page here, empty when it has none"`
}
