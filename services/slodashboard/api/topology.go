package api

import "time"

// Severity says how bad a number is: unknown when there is none.
type Severity string

// Severities, from the thresholds that are served beside the graph.
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

// Numbers are what is known of a node or an edge; each is null where it makes no sense.
type Numbers struct {
	Rps        *float64 `json:"rps" description:"requests, attempts or jobs per second"`
	P95Ms      *float64 `json:"p95Ms"`
	FailurePct *float64 `json:"failurePct" description:"5xx and calls without an answer; of workers: attempts that were retried or died"`
	Depth      *float64 `json:"depth" description:"jobs of a queue"`
	LagSec     *Seconds `json:"lagSec" description:"of a queue: number, \"Infinity\", or null"`
	HitPct     *float64 `json:"hitPct" description:"of Redis: deals of lists whose card was there and fresh"`
	CoveredPct *float64 `json:"coveredPct" description:"of Redis: deals of lists whose card was there"`
}

// Node is a box of the graph.
type Node struct {
	ID       string `json:"id" description:"the component's name, the queue's, clients or redis"`
	Label    string `json:"label"`
	Kind     string `json:"kind" enum:"client,api,service,balancer,store,queue,worker"`
	Column   int    `json:"column" description:"0 is the leftmost"`
	Up       *bool  `json:"up" description:"null for what Prometheus does not scrape"`
	Replicas int    `json:"replicas" description:"instances that answer Prometheus"`
	Numbers
	OldestSec *float64    `json:"oldestSec" description:"of a queue: how long its oldest job has waited"`
	Dead      *float64    `json:"dead" description:"of a queue: jobs in its DLQ"`
	CachePct  *float64    `json:"cachePct" description:"of experience-api: lists whose catalog page was in the process"`
	Fault     *FaultGauge `json:"fault" description:"of domain services, as they report it to Prometheus; else null"`
	Severity  Severity    `json:"severity"`
}

// Edge is a line of the graph, in the direction of calls and jobs.
type Edge struct {
	ID   string `json:"id"`
	From string `json:"from"`
	To   string `json:"to"`
	Numbers
	Breaker  *string  `json:"breaker" enum:"closed,half-open,open" description:"of calls to upstreams, else null"`
	Severity Severity `json:"severity"`
}

// FaultGauge is the synthetic fault in force.
type FaultGauge struct {
	LatencyMinMs float64 `json:"latencyMinMs"`
	LatencyMaxMs float64 `json:"latencyMaxMs"`
	FailureRate  float64 `json:"failureRate" description:"0 to 1"`
	Blackhole    bool    `json:"blackhole"`
}

// Threshold is from where on a number is worth watching, and bad.
type Threshold struct {
	Number string  `json:"number" description:"name of the member"`
	Kind   string  `json:"kind" description:"of the node, or of the one that an edge leads to; or objective"`
	Watch  float64 `json:"watch"`
	Bad    float64 `json:"bad"`
	Below  bool    `json:"below" description:"less is worse"`
	Why    string  `json:"why"`
}

// NodeParams names a node.
type NodeParams struct {
	Node string `path:"node" pattern:"^[a-z0-9-]{1,64}$"`
	HistoryParams
}

// NodeHistory is the past of a node's rps, p95Ms and failurePct, or of a queue's depth and lagSec.
type NodeHistory struct {
	ID      string  `json:"id"`
	History History `json:"history"`
}
