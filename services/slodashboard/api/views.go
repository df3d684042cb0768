package api

import "time"

// Hybrid holds the numbers of the read model. They are null without lists.
type Hybrid struct {
	At              time.Time `json:"at"`
	ListRps         *float64  `json:"listRps"`
	DealsPerList    *float64  `json:"dealsPerList" description:"mean number of deals in a list"`
	FreshHitPct     *float64  `json:"freshHitPct" description:"share of deals with a fresh card"`
	CoveragePct     *float64  `json:"coveragePct" description:"share of deals with a card"`
	CatalogCachePct *float64  `json:"catalogCachePct" description:"share of lists whose catalog page was cached in the process"`
	FallbackPerList *float64  `json:"liveFallbackPerRequest" description:"deals composed live, per list"`
	FanOutClassic   *float64  `json:"fanOutClassic" description:"upstream calls of a list without the read model: 1 + 4 per deal"`
	FanOutMeasured  *float64  `json:"fanOutMeasured" description:"upstream calls made per list, without retries; a call shared by several lists counts once"`
	ReductionPct    *float64  `json:"reductionPct"`
	P95Ms           *float64  `json:"p95Ms" description:"of lists"`
	Outcomes        []Outcome `json:"outcomes" description:"hit, stale, miss, bypass (the read model is off), live_fallback, refresh_enqueued"`
	History         *History  `json:"history"`
}

// Outcome is the rate of one outcome of the read model.
type Outcome struct {
	Outcome string   `json:"outcome"`
	Rps     *float64 `json:"rps" description:"deals per second"`
	PerList *float64 `json:"perRequest"`
}

// Hash compares the two ways to do heavy hashes.
type Hash struct {
	At        time.Time `json:"at"`
	WindowSec float64   `json:"windowSec" description:"length of the compared period"`
	Bad       HashSide  `json:"bad"`
	Good      HashSide  `json:"good"`
	Idle      HashSide  `json:"idle" description:"while neither ran; its throughput is null"`
	Pool      HashPool  `json:"pool"`
	History   *History  `json:"history"`
}

// HashSide holds the numbers of the time in which only hashes of this kind ran. They are null if there was no such time.
type HashSide struct {
	RunningNow       bool     `json:"runningNow"`
	SeenSec          *float64 `json:"seenSec" description:"how long it ran within the window"`
	ClientListP95Ms  *float64 `json:"clientListP95Ms" description:"latency of lists at the client, measured by k6 from sending to the last byte; null if k6 requested no lists"`
	ClientListP99Ms  *float64 `json:"clientListP99Ms"`
	ListP95Ms        *float64 `json:"listP95Ms" description:"latency of lists at the server; its clock starts with the handler, after the goroutine has waited for a processor"`
	ListP99Ms        *float64 `json:"listP99Ms"`
	SchedulerP99Ms   *float64 `json:"schedulerP99Ms" description:"how long a runnable goroutine waits for a processor"`
	HashesPerSec     *float64 `json:"hashesPerSec" description:"mean rate of completed hashes"`
	RejectionsPerSec *float64 `json:"rejectionsPerSec" description:"mean rate of 429 responses"`
	HashP95Ms        *float64 `json:"hashP95Ms" description:"duration of hashes"`
}

// HashPool is the current state of the pool of good hashes.
type HashPool struct {
	Workers *float64 `json:"workers"`
	Busy    *float64 `json:"busy"`
	Queued  *float64 `json:"queued"`
}

// Queues is the state of the queues.
type Queues struct {
	At      time.Time `json:"at"`
	Queues  []Queue   `json:"queues"`
	DLQNote string    `json:"dlqNote" description:"why dead jobs can't be listed, such as an unreachable Redis; else empty"`
	History *History  `json:"history" description:"depth, lagSec, oldestSec and dead, of each queue"`
}

// Queue is the state of a queue.
type Queue struct {
	Name         string    `json:"name"`
	Depth        *float64  `json:"depth"`
	LagSec       *Seconds  `json:"lagSec" description:"number, \"Infinity\", or null"`
	OldestSec    *float64  `json:"oldestSec"`
	EnqueuedRps  *float64  `json:"enqueuedRps"`
	CompletedRps *float64  `json:"completedRps"`
	RetriedRps   *float64  `json:"retriedRps"`
	DiedRps      *float64  `json:"diedRps"`
	RefusedRps   *float64  `json:"refusedRps" description:"batches refused with 429"`
	InFlight     *float64  `json:"inFlight" description:"running jobs"`
	EndToEndMs   *float64  `json:"endToEndP95Ms" description:"from enqueueing to completion"`
	Paused       bool      `json:"paused"`
	Dead         int       `json:"dead" description:"jobs in the DLQ, counted by Redis"`
	DeadJobs     []DeadJob `json:"deadJobs" description:"the latest 20 at most"`
}

// DeadJob is a job that failed all its attempts.
type DeadJob struct {
	ID         string     `json:"id"`
	FailedStep string     `json:"failedStep" description:"empty if it failed outside a step"`
	LastError  string     `json:"lastError"`
	Attempts   int        `json:"attempts"`
	EnqueuedAt time.Time  `json:"enqueuedAt"`
	DiedAt     time.Time  `json:"diedAt"`
	ReplayedAt *time.Time `json:"replayedAt" description:"time of the last replay, if any"`
	TraceID    string     `json:"traceId" description:"trace of the request that enqueued it; empty if not traced"`
}

// QueueParams names a queue.
type QueueParams struct {
	Queue string `path:"queue" enum:"enrichment-jobs,critical-jobs"`
}

// ReplayBody names a dead job, or all.
type ReplayBody struct {
	ID  string `json:"id,omitempty" maxLength:"128" description:"id of the job; exactly one of id and all must be set"`
	All bool   `json:"all,omitempty"`
}

// Replayed is the number of replayed jobs.
type Replayed struct {
	Replayed int `json:"replayed"`
}
