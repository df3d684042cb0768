package api

import "time"

// Hybrid is how well the read model serves lists; null without lists.
type Hybrid struct {
	At              time.Time `json:"at"`
	ListRps         *float64  `json:"listRps"`
	DealsPerList    *float64  `json:"dealsPerList" description:"mean limit of the lists: deals per list"`
	FreshHitPct     *float64  `json:"freshHitPct" description:"deals whose card was there and fresh"`
	CoveragePct     *float64  `json:"coveragePct" description:"deals whose card was there"`
	CatalogCachePct *float64  `json:"catalogCachePct" description:"lists whose catalog page was in the process"`
	FallbackPerList *float64  `json:"liveFallbackPerRequest" description:"deals composed live, per list"`
	FanOutClassic   *float64  `json:"fanOutClassic" description:"upstream calls of a list without the read model: 1 + 4 for each deal"`
	FanOutMeasured  *float64  `json:"fanOutMeasured" description:"upstream calls made per list, retries left out; calls that several lists share count once"`
	ReductionPct    *float64  `json:"reductionPct"`
	P95Ms           *float64  `json:"p95Ms" description:"of lists"`
	Outcomes        []Outcome `json:"outcomes" description:"hit, stale, miss, bypass (the read model is off), live_fallback, refresh_enqueued"`
	History         *History  `json:"history"`
}

// Outcome is how deals of lists were come by.
type Outcome struct {
	Outcome string   `json:"outcome"`
	Rps     *float64 `json:"rps" description:"deals per second"`
	PerList *float64 `json:"perRequest"`
}

// Hash compares the two ways to do heavy hashes.
type Hash struct {
	At        time.Time `json:"at"`
	WindowSec float64   `json:"windowSec" description:"how far back the two sides look"`
	Bad       HashSide  `json:"bad"`
	Good      HashSide  `json:"good"`
	Idle      HashSide  `json:"idle" description:"while neither ran, for comparison; its throughput is null"`
	Pool      HashPool  `json:"pool"`
	History   *History  `json:"history"`
}

// HashSide is what was seen during the moments at which hashes of this kind, and none of the other, ran; null when there was none.
type HashSide struct {
	RunningNow       bool     `json:"runningNow"`
	SeenSec          *float64 `json:"seenSec" description:"how long it ran within the window"`
	ClientListP95Ms  *float64 `json:"clientListP95Ms" description:"of lists at the client, measured by k6 from sending to the last byte; null when k6 read no lists"`
	ClientListP99Ms  *float64 `json:"clientListP99Ms"`
	ListP95Ms        *float64 `json:"listP95Ms" description:"of lists at the server: its clock starts with the handler, after the goroutine has waited for a processor"`
	ListP99Ms        *float64 `json:"listP99Ms"`
	SchedulerP99Ms   *float64 `json:"schedulerP99Ms" description:"how long a goroutine that could run waited for a processor"`
	HashesPerSec     *float64 `json:"hashesPerSec" description:"done, mean"`
	RejectionsPerSec *float64 `json:"rejectionsPerSec" description:"429, mean"`
	HashP95Ms        *float64 `json:"hashP95Ms" description:"of the hashes themselves"`
}

// HashPool is the pool of the good way, now.
type HashPool struct {
	Workers *float64 `json:"workers"`
	Busy    *float64 `json:"busy"`
	Queued  *float64 `json:"queued"`
}

// Queues is the state of the queues.
type Queues struct {
	At      time.Time `json:"at"`
	Queues  []Queue   `json:"queues"`
	DLQNote string    `json:"dlqNote" description:"why dead jobs can't be listed, such as Redis being away; empty when they can"`
	History *History  `json:"history" description:"depth, lagSec, oldestSec and dead, of each queue"`
}

// Queue is one of them.
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
	InFlight     *float64  `json:"inFlight" description:"jobs being worked on"`
	EndToEndMs   *float64  `json:"endToEndP95Ms" description:"from enqueueing to completion"`
	Paused       bool      `json:"paused"`
	Dead         int       `json:"dead" description:"in the DLQ, by Redis"`
	DeadJobs     []DeadJob `json:"deadJobs" description:"the latest, at most 20"`
}

// DeadJob is a job whose attempts are used up.
type DeadJob struct {
	ID         string     `json:"id"`
	FailedStep string     `json:"failedStep" description:"empty when it failed outside of a step"`
	LastError  string     `json:"lastError"`
	Attempts   int        `json:"attempts"`
	EnqueuedAt time.Time  `json:"enqueuedAt"`
	DiedAt     time.Time  `json:"diedAt"`
	ReplayedAt *time.Time `json:"replayedAt" description:"when it was replayed the last time, if ever"`
	TraceID    string     `json:"traceId" description:"of the request that enqueued it; empty when it was not traced"`
}

// QueueParams names a queue.
type QueueParams struct {
	Queue string `path:"queue" enum:"enrichment-jobs,critical-jobs"`
}

// ReplayBody names a dead job, or all.
type ReplayBody struct {
	ID  string `json:"id,omitempty" binding:"max=128" allowed:"id of a dead job, up to 128 characters" description:"job; exactly one of id and all"`
	All bool   `json:"all,omitempty" allowed:"true or false"`
}

// Replayed is how many jobs were enqueued again.
type Replayed struct {
	Replayed int `json:"replayed"`
}
