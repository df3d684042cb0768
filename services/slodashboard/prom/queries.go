package prom

import (
	"time"

	"deals.example/slo/indicators"
)

// Query is PromQL. $window in it stands for the span of its rates.
type Query string

// The indicators; ../../../slo/indicators.yaml says what each is.
const (
	RequestRate          Query = indicators.RequestRate
	ErrorRatio           Query = indicators.ErrorRatio
	P95                  Query = indicators.P95
	UpstreamFailureRatio Query = indicators.UpstreamFailureRatio
	QueueDepth           Query = indicators.QueueDepth
	QueueLag             Query = indicators.QueueLag
)

// Queues and their workers.
const (
	DepthByQueue     Query = indicators.DepthByQueue
	LagByQueue       Query = indicators.LagByQueue
	CompletedByQueue Query = indicators.CompletedByQueue

	// OldestByQueue is how long the oldest pending job has waited, in seconds.
	OldestByQueue Query = `max by (queue) (experience_queue_oldest_job_age_seconds)`

	// DeadByQueue is the DLQs.
	DeadByQueue Query = `max by (queue) (experience_queue_dlq_depth)`

	// EnqueuedByQueue is what Redis has confirmed.
	EnqueuedByQueue Query = `sum by (queue) (rate(experience_queue_jobs_enqueued_total[$window]))`

	// RefusedByQueue is batches answered with 429.
	RefusedByQueue Query = `sum by (queue) (rate(experience_queue_rejections_total[$window]))`

	// AttemptsByQueue counts attempts of workers; RetriedByQueue and DiedByQueue are those that failed, by what became of the job.
	AttemptsByQueue Query = `sum by (queue) (rate(worker_jobs_total[$window]))`
	RetriedByQueue  Query = `sum by (queue) (rate(worker_jobs_total{outcome="retried"}[$window]))`
	DiedByQueue     Query = `sum by (queue) (rate(worker_jobs_total{outcome="dead"}[$window]))`

	// JobFailureRatio is the share of attempts that did not complete the job.
	JobFailureRatio Query = `1 - ` + CompletedByQueue + ` / (` + AttemptsByQueue + ` > 0)`

	// JobP95 is one attempt; EndToEndP95 is from enqueueing to completion, waits and retries included.
	JobP95      Query = `histogram_quantile(0.95, sum by (queue) (rate(worker_job_duration_seconds[$window])))`
	EndToEndP95 Query = `histogram_quantile(0.95, sum by (queue) (rate(worker_job_end_to_end_seconds[$window])))`

	// InFlightByQueue and PausedByQueue are over all replicas of the worker.
	InFlightByQueue Query = `sum by (queue) (worker_jobs_in_flight)`
	PausedByQueue   Query = `max by (queue) (worker_queue_paused)`
)

// Components and the calls between them.
const (
	// UpByJob counts the instances that answer the scrape; 0 is a component that is down.
	UpByJob Query = `sum by (job) (up)`

	// ServiceRate, ServiceFailureRatio and ServiceP95 are what the domain services and rating-lb answer, by themselves.
	ServiceRate         Query = `sum by (service) (rate(domain_http_request_duration_seconds_count[$window]))`
	ServiceFailureRatio Query = `(sum by (service) (rate(domain_http_request_duration_seconds_count{status=~"5.."}[$window])) or 0 * ` + ServiceRate + `) / (` + ServiceRate + ` > 0)`
	ServiceP95          Query = `histogram_quantile(0.95, sum by (service) (rate(domain_http_request_duration_seconds[$window])))`

	// CallRate, CallFailureRatio and CallP95 are attempts as their caller sees them: the API and the enrichment worker ask the same
	// upstreams, with metrics of the same names. A 404 is an answer, and a call that its own caller gave up is nobody's failure.
	CallRate         Query = `sum by (job, service) (rate(experience_upstream_requests_total[$window]))`
	CallFailureRatio Query = `(sum by (job, service) (rate(experience_upstream_requests_total{status!~"2..|404|canceled"}[$window])) or 0 * ` + CallRate + `) / (` + CallRate + ` > 0)`
	CallP95          Query = `histogram_quantile(0.95, sum by (job, service) (rate(experience_upstream_request_duration_seconds[$window])))`

	// Breaker is 0 closed, 1 half-open, 2 open; of several replicas the worst.
	Breaker Query = `max by (job, service) (experience_upstream_breaker_state)`

	// ReplicaRate, ReplicaFailureRatio and ReplicaP95 are the attempts of rating-lb at its targets, which are URLs.
	ReplicaRate         Query = `sum by (target) (rate(rating_lb_target_requests_total[$window]))`
	ReplicaFailureRatio Query = `(sum by (target) (rate(rating_lb_target_requests_total{status!~"2..|404|canceled"}[$window])) or 0 * ` + ReplicaRate + `) / (` + ReplicaRate + ` > 0)`
	ReplicaP95          Query = `histogram_quantile(0.95, sum by (target) (rate(rating_lb_target_request_duration_seconds[$window])))`

	// The synthetic faults in force, as the domain services report them.
	FaultLatencyMin Query = `max by (service) (domain_fault_latency_min_seconds)`
	FaultLatencyMax Query = `max by (service) (domain_fault_latency_max_seconds)`
	FaultRatio      Query = `max by (service) (domain_fault_failure_ratio)`
	FaultBlackhole  Query = `max by (service) (domain_fault_blackhole)`
)

// The hybrid read model. Outcomes hit, stale and miss add up to the deals of all lists; the other two are what was done about them.
const (
	lists       = `{route="/api/deals"}`
	clientLists = `k6_http_req_duration_seconds{name="/api/deals"}`

	// ListRate and ListP95 are of GET /api/deals only.
	ListRate Query = `sum(rate(experience_http_request_duration_seconds_count` + lists + `[$window]))`
	ListP95  Query = `histogram_quantile(0.95, sum(rate(experience_http_request_duration_seconds` + lists + `[$window])))`
	ListP99  Query = `histogram_quantile(0.99, sum(rate(experience_http_request_duration_seconds` + lists + `[$window])))`

	// ClientListP95 and ClientListP99 are of the same lists as k6 measures them, which pushes its native histograms every 5 s. The server's clock
	// starts when the handler runs: the time for which its goroutine waits for a processor is only in the client's number.
	ClientListP95 Query = `histogram_quantile(0.95, sum(rate(` + clientLists + `[$window])))`
	ClientListP99 Query = `histogram_quantile(0.99, sum(rate(` + clientLists + `[$window])))`

	// CardOutcomes and PageOutcomes are by outcome: of deals, and of pages of the base catalog.
	CardOutcomes Query = `sum by (outcome) (rate(experience_read_model_outcomes_total[$window]))`
	PageOutcomes Query = `sum by (outcome) (rate(experience_catalog_cache_outcomes_total[$window]))`

	dealsOfLists  Query = `sum(rate(experience_read_model_outcomes_total{outcome=~"hit|stale|miss|bypass"}[$window]))`
	dealsLookedUp Query = `sum(rate(experience_read_model_outcomes_total{outcome=~"hit|stale|miss"}[$window]))`
	composedLive  Query = `sum(rate(experience_read_model_outcomes_total{outcome="live_fallback"}[$window]))`

	// callsOfLists counts the calls that were made: one for each page of the catalog, four for each composition. Requests that waited for the
	// call of another made none. Upstream metrics would count those of details and retries too.
	callsOfLists Query = `sum(rate(experience_catalog_cache_outcomes_total{outcome="miss"}[$window])) + 4 * sum(rate(experience_list_compositions_total{outcome="made"}[$window]))`

	// FreshRatio, CoverageRatio and PageHitRatio are shares of the deals, the deals, and the lists.
	FreshRatio    Query = `sum(rate(experience_read_model_outcomes_total{outcome="hit"}[$window])) / (` + dealsLookedUp + ` > 0)`
	CoverageRatio Query = `sum(rate(experience_read_model_outcomes_total{outcome=~"hit|stale"}[$window])) / (` + dealsLookedUp + ` > 0)`
	PageHitRatio  Query = `sum(rate(experience_catalog_cache_outcomes_total{outcome="hit"}[$window])) / (sum(rate(experience_catalog_cache_outcomes_total[$window])) > 0)`

	// DealsPerList is the limit that lists have in the mean, by what they were answered with.
	DealsPerList Query = dealsOfLists + ` / (` + ListRate + ` > 0)`

	// FallbackPerList is deals composed live within the request.
	FallbackPerList Query = composedLive + ` / (` + ListRate + ` > 0)`

	// FanOutClassic is what composing every deal would take: a page, and price, inventory, rating and merchant of each deal.
	FanOutClassic Query = `1 + 4 * ` + DealsPerList

	// FanOutMeasured is the calls that were made, per list; with the read model off too.
	FanOutMeasured Query = `(` + callsOfLists + `) / (` + ListRate + ` > 0)`

	// FanOutReduction is the share of the classic calls that were not made.
	FanOutReduction Query = `1 - (` + FanOutMeasured + `) / (` + FanOutClassic + `)`
)

// Objectives, as recorded by the rules of slo/. Prometheus answers once for each of its replicas' rules, hence the max.
const (
	Objectives   Query = `max by (sloth_service, sloth_slo, sloth_id) (slo:objective:ratio)`
	PeriodDays   Query = `max by (sloth_service) (slo:time_period:days)`
	PeriodBurn   Query = `max by (sloth_id) (slo:period_burn_rate:ratio * on (sloth_id) group_left () slo:error_budget:ratio)`
	BudgetLeft   Query = `max by (sloth_id) (slo:period_error_budget_remaining:ratio)`
	CurrentBurn  Query = `max by (sloth_id) (slo:current_burn_rate:ratio)`
	BurnByWindow Query = `max by (sloth_id, sloth_window) ({__name__=~"slo:sli_error:ratio_rate.+"} / on (sloth_id) group_left () slo:error_budget:ratio)`
)

// The pool of the good hashes.
const (
	PoolWorkers Query = `sum(experience_hash_pool_workers)`
	PoolBusy    Query = `sum(experience_hash_pool_busy_workers)`
	PoolQueued  Query = `sum(experience_hash_pool_jobs) - ` + PoolBusy

	// HashRate is by route and status, for the chart and for what runs now.
	HashRate Query = `sum by (route, status) (rate(experience_http_request_duration_seconds_count{route=~"/api/heavy-hash/.+"}[$window]))`

	// SchedulerP99 is how long a goroutine of the API that could run waited; the runtime's histogram has classic buckets only.
	SchedulerP99 Query = `histogram_quantile(0.99, sum by (le) (rate(go_sched_latencies_seconds_bucket{job="experience-api"}[$window])))`
)

// The comparison of hashes looks back over HashLookback, at moments that are HashMoment apart: its answers don't change in between.
const (
	HashLookback = 900 * time.Second
	HashMoment   = 10 * time.Second
)

const (
	badHashes  = `sum(rate(experience_http_request_duration_seconds_count{route="/api/heavy-hash/bad"}[10s]))`
	goodHashes = `sum(rate(experience_http_request_duration_seconds_count{route="/api/heavy-hash/good"}[10s]))`
)

// Side picks the moments at which only one way of hashing ran, or neither. Which ran, the requests themselves say: so a scenario
// counts that was started from a command line, or before the dashboard.
type Side string

// The sides.
const (
	Bad  Side = `(` + badHashes + ` > 0 unless on () (` + goodHashes + ` > 0))`
	Good Side = `(` + goodHashes + ` > 0 unless on () (` + badHashes + ` > 0))`
	Idle Side = `(vector(1) unless on () ((` + goodHashes + ` > 0) or (` + badHashes + ` > 0)))`
)

// over aggregates what an expression was at the side's moments.
func (s Side) over(aggregate, expr string) string {
	return aggregate + `((` + expr + ` and on () ` + string(s) + `)[900s:10s])`
}

// Seen is for how many of the moments the side ran.
func (s Side) Seen() Query { return Query(s.over("count_over_time", `vector(1)`)) }

// ListQuantile is over all lists of those moments: their histograms are added up before the quantile is taken.
func (s Side) ListQuantile(q string) Query {
	return Query(`histogram_quantile(` + q + `, ` + s.over("sum_over_time", `sum(rate(experience_http_request_duration_seconds`+lists+`[10s]))`) + `)`)
}

// ClientListQuantile is the same at the client.
func (s Side) ClientListQuantile(q string) Query {
	return Query(`histogram_quantile(` + q + `, ` + s.over("sum_over_time", `sum(rate(`+clientLists+`[15s]))`) + `)`)
}

// SchedulerP99 is that of the scheduler's latency.
func (s Side) SchedulerP99() Query {
	latencies := `sum by (le) (rate(go_sched_latencies_seconds_bucket{job="experience-api"}[10s]))`
	return Query(`histogram_quantile(0.99, sum by (le) (` + s.over("sum_over_time", latencies) + `))`)
}

// HashRate is the mean rate at which hashes of a route were answered with a status.
func (s Side) HashRate(route, status string) Query {
	return Query(s.over("avg_over_time", `sum(rate(experience_http_request_duration_seconds_count{route="`+route+`", status="`+status+`"}[10s]))`))
}

// HashP95 is of the hashes themselves.
func (s Side) HashP95(route string) Query {
	return Query(`histogram_quantile(0.95, ` + s.over("sum_over_time", `sum(rate(experience_http_request_duration_seconds{route="`+route+`", status="200"}[10s]))`) + `)`)
}
