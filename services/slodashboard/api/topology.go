package api

import "time"

// Severity rates a number. It is unknown if there is no number.
type Severity string

// Severities. The thresholds are part of Topology.
const (
	Unknown Severity = "unknown"
	Good    Severity = "good"
	Watch   Severity = "watch"
	Bad     Severity = "bad"
)

// Enum lists all severities.
func (Severity) Enum() []any { return []any{Unknown, Good, Watch, Bad} }

// Topology is the service graph, from left to right.
type Topology struct {
	At         time.Time   `json:"at"`
	Nodes      []Node      `json:"nodes"`
	Edges      []Edge      `json:"edges"`
	Thresholds []Threshold `json:"thresholds"`
}

// Numbers are the numbers of a node or an edge. A number that does not apply is null.
type Numbers struct {
	Rps        *float64 `json:"rps" description:"requests, attempts or jobs per second"`
	P95Ms      *float64 `json:"p95Ms"`
	FailurePct *float64 `json:"failurePct" description:"5xx and calls without a response; for workers: attempts that were retried or died"`
	Depth      *float64 `json:"depth" description:"jobs of a queue"`
	LagSec     *Seconds `json:"lagSec" description:"queues only: a number, \"Infinity\", or null"`
	HitPct     *float64 `json:"hitPct" description:"Redis only: share of listed deals with a fresh card"`
	CoveredPct *float64 `json:"coveredPct" description:"Redis only: share of listed deals with a card"`
}

// Node is a node of the graph.
type Node struct {
	ID       string `json:"id" description:"the component's name, the queue's, clients or redis"`
	Label    string `json:"label"`
	Kind     string `json:"kind" enum:"client,api,service,balancer,store,queue,worker"`
	Column   int    `json:"column" description:"0 is the leftmost"`
	Up       *bool  `json:"up" description:"null if Prometheus does not scrape it"`
	Replicas int    `json:"replicas" description:"instances that answer the scrape"`
	Silent   int    `json:"silent" description:"instances that do not answer the scrape"`
	Numbers
	StartedSec *float64    `json:"startedSec" description:"seconds since the last of its instances started; null if it is not scraped"`
	OldestSec  *float64    `json:"oldestSec" description:"queues only: age of the oldest pending job"`
	Dead       *float64    `json:"dead" description:"queues only: jobs in the DLQ"`
	CachePct   *float64    `json:"cachePct" description:"experience-api only: share of lists whose catalog page was cached in the process"`
	Capacity   *float64    `json:"capacity" description:"domain services only: requests served at a time"`
	Busy       *float64    `json:"busy" description:"domain services only: requests that are being served"`
	Waiting    *float64    `json:"waiting" description:"domain services only: requests that wait for a slot"`
	LoadPct    *float64    `json:"loadPct" description:"domain services only: busy and waiting requests, in percent of the capacity; above 100 some wait; null while it is idle"`
	WaitP95Ms  *float64    `json:"waitP95Ms" description:"domain services only: how long served requests waited for a slot"`
	Fault      *FaultGauge `json:"fault" description:"domain services only, as they report it to Prometheus; else null"`
	Severity   Severity    `json:"severity"`
}

// Edge is an edge of the graph, in the direction of calls and jobs.
type Edge struct {
	ID   string `json:"id"`
	From string `json:"from"`
	To   string `json:"to"`
	Numbers
	Limit    *float64 `json:"limit" description:"calls to upstreams only: how many may be in flight; null if there is no limit"`
	InFlight *float64 `json:"inFlight" description:"calls to upstreams only"`
	Waiting  *float64 `json:"waiting" description:"calls to upstreams only: those that wait for the limit"`
	Breaker  *string  `json:"breaker" enum:"closed,half-open,open" description:"calls to upstreams only, else null"`
	Severity Severity `json:"severity"`
}

// FaultGauge is the current synthetic fault.
type FaultGauge struct {
	LatencyMinMs float64 `json:"latencyMinMs"`
	LatencyMaxMs float64 `json:"latencyMaxMs"`
	FailureRate  float64 `json:"failureRate" description:"0 to 1"`
	Blackhole    bool    `json:"blackhole"`
}

// Threshold holds the values from which a number is worth watching, and bad.
type Threshold struct {
	Number string  `json:"number" description:"name of the field"`
	Kind   string  `json:"kind" description:"kind of the node, or of the node that an edge leads to; or objective"`
	Watch  float64 `json:"watch"`
	Bad    float64 `json:"bad"`
	Below  bool    `json:"below" description:"lower is worse"`
	Why    string  `json:"why"`
}

// NodeParams names a node.
type NodeParams struct {
	Node string `path:"node" pattern:"^[a-z0-9-]{1,64}$"`
	HistoryParams
}

// NodeHistory is the history of a node's numbers, such as rps, p95Ms and failurePct, or depth and lagSec of a queue.
type NodeHistory struct {
	ID      string  `json:"id"`
	History History `json:"history"`
}

// ComponentParams names a component.
type ComponentParams struct {
	Node string `path:"node" pattern:"^[a-z0-9-]{1,64}$"`
}

// BusyTraces are the recorded traces for which a component used the most CPU time, from its profiles.
type BusyTraces struct {
	At        time.Time   `json:"at"`
	WindowSec float64     `json:"windowSec" description:"the time before at of which profiles count"`
	Traces    []BusyTrace `json:"traces" description:"the most CPU time first"`
}

// BusyTrace is the CPU time that a component used for a trace.
type BusyTrace struct {
	TraceID string    `json:"traceId"`
	SpanID  string    `json:"spanId" description:"the component's first span in the trace"`
	Span    string    `json:"span" description:"its name"`
	CPUMs   float64   `json:"cpuMs" description:"from samples of 10 ms each"`
	At      time.Time `json:"at" description:"of the last profile with a sample of it"`
}
