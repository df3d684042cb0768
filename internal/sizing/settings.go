package sizing

import "time"

// The defaults of settings that decide how much one part can do or how much work a request makes. A test of cmd/deals compares them with those of
// the components.
const (
	Places           = 128  // CAPACITY: requests that a domain service serves at a time
	EnrichmentPlaces = 256  // ENRICHMENT_WORKER_CONCURRENCY
	CriticalPlaces   = 10   // CRITICAL_WORKER_CONCURRENCY
	BalancerTargets  = 64   // most replicas that LB_TARGETS takes
	TracesPerProcess = 10.0 // OTEL_TRACES_SAMPLER_ARG: traces that a process begins a second, at most

	StaleAfter   = 2 * time.Minute        // READ_MODEL_STALE_AFTER: a list has cards refreshed from this age
	SnapshotAge  = 200 * time.Millisecond // READ_MODEL_SNAPSHOT_AGE: cards of a page are read again from three quarters of it
	CatalogTTL   = 3 * time.Second        // BASE_DEALS_CACHE_TTL: each API asks for each page this often
	DealCacheTTL = time.Minute            // DEAL_CACHE_TTL: each API and worker asks for a deal's base data this often

	RedisMaxMemory = 256 << 20 // bytes; what Redis is started with
)

// What is in the code of the platform and no setting.
const (
	renewedFrom      = 0.75             // share of SnapshotAge
	PageSize         = 20               // deals of a list that does not say how many it wants
	RecordKept       = 48 * time.Hour   // the record of a completed purchase
	CompletedKept    = 24 * time.Hour   // the completed job of a purchase
	RedisConnections = 2 * 32           // that an API or a worker opens at most: two clients, each with a pool
	Fresh            = 20 * time.Second // within which the objective job-freshness wants a job completed
)

// Assumptions of a plan. No part is planned larger than a server.
const (
	ReplicaCores = 2         // of an API, a balancer or a worker: the machine on which they were measured
	ServerCores  = 8         // of the largest server
	ServerMemory = 32 << 30  // bytes of the largest server
	day          = 24 * 3600 // seconds
)

// TempoBytes is the most that Tempo takes a second: rate_limit_bytes of observability/tempo/tempo.yaml.
const TempoBytes = 10_000_000
