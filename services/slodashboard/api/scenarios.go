package api

import "time"

// Scenarios is the catalog with the state of each scenario.
type Scenarios struct {
	Available bool       `json:"available" description:"false without the k6 binary: no scenario can be started"`
	Reason    string     `json:"reason" description:"why scenarios are unavailable, and what to do"`
	Running   int        `json:"running"`
	Limit     int        `json:"limit" description:"maximum number of concurrent runs"`
	Scenarios []Scenario `json:"scenarios"`
	// Experiment is in the answer that every view polls, so that each can say that scenarios are paused.
	Experiment string `json:"experiment" description:"id of the running experiment, during which no scenario can be started; empty: none"`
}

// Scenario is an entry of the catalog.
type Scenario struct {
	ID           string        `json:"id"`
	Label        string        `json:"label"`
	Summary      string        `json:"summary"`
	Explanation  string        `json:"explanation"`
	LookFor      string        `json:"lookFor"`
	Default      bool          `json:"default" description:"starts with the dashboard"`
	Intensity    Intensity     `json:"intensity"`
	LastsSec     float64       `json:"lastsSec" description:"duration of a run that is not stopped"`
	Expectations []Expectation `json:"expectations"`
	Active       bool          `json:"active"`
	Run          *Run          `json:"run" description:"the current run, else the last one, else null"`
}

// Intensity is the range of the factor on the scenario's load.
type Intensity struct {
	Min     float64 `json:"min"`
	Default float64 `json:"default"`
	Max     float64 `json:"max"`
}

// Expectation is what a learner should see while the scenario runs.
type Expectation struct {
	ID    string   `json:"id"`
	Text  string   `json:"text"`
	Query string   `json:"query" description:"PromQL query whose value is compared"`
	Above *float64 `json:"above" description:"bound; exactly one of above and below is set"`
	Below *float64 `json:"below"`

	WithinSec         float64 `json:"withinSec" description:"the bound must hold within this time of the start"`
	ForSec            float64 `json:"forSec" description:"how long the bound must hold; 0: once is enough"`
	RecoversWithinSec float64 `json:"recoversWithinSec" description:"the bound must no longer hold within this time of the stop; 0: not checked"`
}

// ScenarioParams names a scenario.
type ScenarioParams struct {
	ID string `path:"id" pattern:"^[a-z0-9-]{1,64}$"`
}

// ScenarioBody starts or stops a scenario.
type ScenarioBody struct {
	Active    *bool    `json:"active,omitempty" description:"absent: toggle"`
	Intensity *float64 `json:"intensity,omitempty" description:"load factor for a start, within the scenario's range"`
}

// Run is one run of a scenario by the dashboard.
type Run struct {
	ID               int        `json:"id"`
	Scenario         string     `json:"scenario"`
	State            string     `json:"state" enum:"running,stopping,ended"`
	Outcome          string     `json:"outcome" enum:",stopped,completed,failed" description:"empty until the run ends"`
	Intensity        float64    `json:"intensity"`
	StartedAt        time.Time  `json:"startedAt"`
	EndedAt          *time.Time `json:"endedAt"`
	ElapsedSec       float64    `json:"elapsedSec"`
	Error            string     `json:"error" description:"why the run failed"`
	ThresholdsFailed bool       `json:"thresholdsFailed" description:"thresholds of the script failed"`
	LastLines        []string   `json:"lastLines" description:"last lines of k6's output if the run failed"`
	Summary          *Summary   `json:"summary" description:"null until k6 writes it"`
	Checks           []Check    `json:"checks" description:"one per expectation, in the same order"`
}

// Summary is k6's summary of a run.
type Summary struct {
	Requests   int     `json:"requests"`
	Success    int     `json:"success"`
	Failures   int     `json:"failures"`
	NotSent    int     `json:"notSent" description:"requests not sent when they were due, because every client waited for an answer"`
	RefusedPct float64 `json:"refusedPct" description:"share of 429 responses"`
	RPS        float64 `json:"rps"`
	AverageMs  float64 `json:"averageMs"`
	P50Ms      float64 `json:"p50Ms"`
	P95Ms      float64 `json:"p95Ms"`
	P99Ms      float64 `json:"p99Ms"`
}

// Check is the state of an expectation in a run. During the run it is pending, met (the bound holds now), lost (it was met and does not hold
// now) or not-met (not met in time; it can still be met). After the run, if a recovery is expected, it is recovering, recovered or
// not-recovered.
type Check struct {
	ID     string     `json:"id"`
	State  string     `json:"state" enum:"pending,met,lost,not-met,recovering,recovered,not-recovered" description:"met: the bound holds now; lost: it was met and does not hold now; not-met: not met in time, but can still be met; recovering: was met, and is observed after the run"`
	Value  *float64   `json:"value" description:"the last value; null if the query has none, or an infinite one"`
	MetAt  *time.Time `json:"metAt" description:"when it was first met; null: not in this run"`
	LostAt *time.Time `json:"lostAt" description:"when the bound stopped holding during the run; null while it holds"`
	Note   string     `json:"note" description:"why there is no value now, such as an error of Prometheus"`
}

// Runs is the history of runs. It is kept in memory only.
type Runs struct {
	Since   time.Time `json:"since" description:"start of the dashboard and of the history"`
	Limit   int       `json:"limit" description:"maximum number of runs in the history"`
	Runs    []Run     `json:"runs"`
	Markers []Marker  `json:"markers"`
}

// Marker is a start or stop to mark in charts.
type Marker struct {
	At       time.Time `json:"at"`
	Scenario string    `json:"scenario"`
	Label    string    `json:"label"`
	Kind     string    `json:"kind" enum:"start,stop"`
}
