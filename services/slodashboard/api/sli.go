package api

import (
	"encoding/json"
	"math"
	"time"
)

// Seconds is a duration that may be without end: a number, or "Infinity".
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

// HistoryParams asks for the past beside the present.
type HistoryParams struct {
	History string `query:"history" description:"Go duration from 1m to 24h, such as 15m; without it history is null" pattern:"^[0-9hms.]+$"`
}

// History is series over the same moments, laid out as charts take them.
type History struct {
	StepSec float64   `json:"stepSec"`
	Times   []float64 `json:"times" description:"Unix seconds, rising by stepSec"`
	Series  []Series  `json:"series"`
}

// Series is one line of a chart.
type Series struct {
	Name   string     `json:"name" description:"of the member whose past it is"`
	Of     string     `json:"of" description:"queue, service or route when there are several of the name, else empty"`
	Values []*float64 `json:"values" description:"one for each of times; null where nothing is known, and where it is infinite"`
}

// SLI is the six indicators, as docs/platform.md#indicators defines them.
type SLI struct {
	At                     time.Time `json:"at"`
	RequestRateRps         *float64  `json:"requestRateRps"`
	ErrorRatePct           *float64  `json:"errorRatePct" description:"null without traffic"`
	P95LatencyMs           *float64  `json:"p95LatencyMs" description:"null without traffic"`
	UpstreamFailureRatePct *float64  `json:"upstreamFailureRatePct" description:"null without calls; over 100 while breakers spare the attempts"`
	QueueDepth             *float64  `json:"queueDepth"`
	QueueLagEstimateSec    *Seconds  `json:"queueLagEstimateSec" description:"number, \"Infinity\" when jobs wait and none is completed, or null"`
	Targets                Targets   `json:"targets"`
	Met                    Met       `json:"met"`
	History                *History  `json:"history" description:"series by the names of the members above; null unless asked for"`
}

// Targets are the limits below which the indicators should stay.
type Targets struct {
	ErrorRatePct float64 `json:"errorRatePct"`
	P95LatencyMs float64 `json:"p95LatencyMs"`
	QueueDepth   float64 `json:"queueDepth"`
}

// Met says of each target whether it is met now; null while the indicator is.
type Met struct {
	ErrorRatePct *bool `json:"errorRatePct"`
	P95LatencyMs *bool `json:"p95LatencyMs"`
	QueueDepth   *bool `json:"queueDepth"`
}

// SLO is the objectives over each set of windows.
type SLO struct {
	At     time.Time      `json:"at"`
	Sets   []ObjectiveSet `json:"sets" description:"30 days first, then lab time; empty until Prometheus has evaluated the rules"`
	Alerts []Alert        `json:"alerts" description:"firing before pending, the eldest first"`
}

// ObjectiveSet is the objectives over one set of windows.
type ObjectiveSet struct {
	ID         string      `json:"id" description:"Sloth's service: deals (30 days) or deals-lab-time"`
	Label      string      `json:"label"`
	PeriodSec  float64     `json:"periodSec"`
	Objectives []Objective `json:"objectives"`
}

// Objective is a promise, and how it is kept.
type Objective struct {
	ID            string   `json:"id" description:"such as deals-lab-time-latency"`
	Name          string   `json:"name"`
	ObjectivePct  float64  `json:"objectivePct"`
	DeliveredPct  *float64 `json:"deliveredPct" description:"over the period"`
	BudgetLeftPct *float64 `json:"budgetLeftPct" description:"100 is all of the error budget; negative when it is overdrawn"`
	BurnRate      *float64 `json:"burnRate" description:"over the shortest window; 1 uses up the budget in exactly its period"`
	BurnRates     []Burn   `json:"burnRates" description:"the shortest window first"`
	Severity      Severity `json:"severity"`
}

// Burn is how fast the budget was used up in one window.
type Burn struct {
	Window    string  `json:"window" description:"such as 5m"`
	WindowSec float64 `json:"windowSec"`
	Rate      float64 `json:"rate"`
}

// Alert is an alert of Prometheus that is pending or firing.
type Alert struct {
	Name        string    `json:"name"`
	State       string    `json:"state" enum:"pending,firing"`
	Severity    string    `json:"severity" description:"page, ticket, or empty"`
	Set         string    `json:"set" description:"of the objective, empty for a cause"`
	Objective   string    `json:"objective" description:"its name, empty for a cause"`
	Component   string    `json:"component" description:"job that it is about, empty when it is about none"`
	Since       time.Time `json:"since" description:"when its condition began to hold"`
	AgeSec      float64   `json:"ageSec"`
	Summary     string    `json:"summary"`
	Description string    `json:"description"`
	Runbook     string    `json:"runbook" description:"path of its page here, empty when it has none"`
}
