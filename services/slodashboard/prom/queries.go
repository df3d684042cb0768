package prom

import (
	"time"

	"deals.example/slo/indicators"
)

// Query is a PromQL query. $window stands for the window of its rates.
type Query string

// The indicators. They are defined in slo/indicators.yaml.
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

	// OldestByQueue is the age of the oldest pending job, in seconds.
	OldestByQueue Query = `max by (queue) (experience_queue_oldest_job_age_seconds)`

	// DeadByQueue is the number of jobs in the DLQ.
	DeadByQueue Query = `max by (queue) (experience_queue_dlq_depth)`

	// EnqueuedByQueue counts jobs whose enqueueing Redis confirmed.
	EnqueuedByQueue Query = `sum by (queue) (rate(experience_queue_jobs_enqueued_total[$window]))`

	// RefusedByQueue counts batches answered with 429.
	RefusedByQueue Query = `sum by (queue) (rate(experience_queue_rejections_total[$window]))`

	// AttemptsByQueue counts attempts of workers. RetriedByQueue and DiedByQueue count the failed ones, by the outcome for the job.
	AttemptsByQueue Query = `sum by (queue) (rate(worker_jobs_total[$window]))`
	RetriedByQueue  Query = `sum by (queue) (rate(worker_jobs_total{outcome="retried"}[$window]))`
	DiedByQueue     Query = `sum by (queue) (rate(worker_jobs_total{outcome="dead"}[$window]))`

	// JobFailureRatio is the share of attempts that did not complete the job.
	JobFailureRatio Query = `1 - ` + CompletedByQueue + ` / (` + AttemptsByQueue + ` > 0)`

	// JobP95 is the duration of one attempt. EndToEndP95 is the time from enqueueing to completion, including waits and retries.
	JobP95      Query = `histogram_quantile(0.95, sum by (queue) (rate(worker_job_duration_seconds[$window])))`
	EndToEndP95 Query = `histogram_quantile(0.95, sum by (queue) (rate(worker_job_end_to_end_seconds[$window])))`

	// InFlightByQueue and PausedByQueue cover all replicas of the worker.
	InFlightByQueue Query = `sum by (queue) (worker_jobs_in_flight)`
	PausedByQueue   Query = `max by (queue) (worker_queue_paused)`
)

// Components and the calls between them.
const (
	// UpByJob counts the instances that answer the scrape. 0 means that the component is down.
	UpByJob Query = `sum by (job) (up)`

	// ServiceRate, ServiceFailureRatio and ServiceP95 are measured by the domain services and rating-lb themselves.
	ServiceRate         Query = `sum by (service) (rate(domain_http_request_duration_seconds_count[$window]))`
	ServiceFailureRatio Query = `(sum by (service) (rate(domain_http_request_duration_seconds_count{status=~"5.."}[$window])) or 0 * ` + ServiceRate + `) / (` + ServiceRate + ` > 0)`
	ServiceP95          Query = `histogram_quantile(0.95, sum by (service) (rate(domain_http_request_duration_seconds[$window])))`

	// CallRate, CallFailureRatio and CallP95 are attempts as measured by the caller. The API and the enrichment worker call the same upstreams
	// and use the same metrics. A 404 and a call canceled by its caller are not failures.
	CallRate         Query = `sum by (job, service) (rate(experience_upstream_requests_total[$window]))`
	CallFailureRatio Query = `(sum by (job, service) (rate(experience_upstream_requests_total{status!~"2..|404|canceled"}[$window])) or 0 * ` + CallRate + `) / (` + CallRate + ` > 0)`
	CallP95          Query = `histogram_quantile(0.95, sum by (job, service) (rate(experience_upstream_request_duration_seconds[$window])))`

	// Breaker is 0 for closed, 1 for half-open and 2 for open; the worst of all replicas.
	Breaker Query = `max by (job, service) (experience_upstream_breaker_state)`

	// ReplicaRate, ReplicaFailureRatio and ReplicaP95 are the attempts of rating-lb by target URL.
	ReplicaRate         Query = `sum by (target) (rate(rating_lb_target_requests_total[$window]))`
	ReplicaFailureRatio Query = `(sum by (target) (rate(rating_lb_target_requests_total{status!~"2..|404|canceled"}[$window])) or 0 * ` + ReplicaRate + `) / (` + ReplicaRate + ` > 0)`
	ReplicaP95          Query = `histogram_quantile(0.95, sum by (target) (rate(rating_lb_target_request_duration_seconds[$window])))`

	// The current synthetic faults, as the domain services report them.
	FaultLatencyMin Query = `max by (service) (domain_fault_latency_min_seconds)`
	FaultLatencyMax Query = `max by (service) (domain_fault_latency_max_seconds)`
	FaultRatio      Query = `max by (service) (domain_fault_failure_ratio)`
	FaultBlackhole  Query = `max by (service) (domain_fault_blackhole)`
)

// The hybrid read model. The outcomes hit, stale, miss and bypass add up to the deals of all lists. The others count live compositions and
// refreshes.
const (
	lists       = `{route="/api/deals"}`
	clientLists = `k6_http_req_duration_seconds{name="/api/deals"}`

	// ListRate, ListP95 and ListP99 cover GET /api/deals.
	ListRate Query = `sum(rate(experience_http_request_duration_seconds_count` + lists + `[$window]))`
	ListP95  Query = `histogram_quantile(0.95, sum(rate(experience_http_request_duration_seconds` + lists + `[$window])))`
	ListP99  Query = `histogram_quantile(0.99, sum(rate(experience_http_request_duration_seconds` + lists + `[$window])))`

	// ClientListP95 and ClientListP99 are the latency of lists as measured by k6, which pushes native histograms every 5 s. The server's clock
	// starts when the handler runs, so only the client's number includes the time that the goroutine waits for a processor.
	ClientListP95 Query = `histogram_quantile(0.95, sum(rate(` + clientLists + `[$window])))`
	ClientListP99 Query = `histogram_quantile(0.99, sum(rate(` + clientLists + `[$window])))`

	// CardOutcomes counts deals and PageOutcomes counts pages of the base catalog, by outcome.
	CardOutcomes Query = `sum by (outcome) (rate(experience_read_model_outcomes_total[$window]))`
	PageOutcomes Query = `sum by (outcome) (rate(experience_catalog_cache_outcomes_total[$window]))`

	dealsOfLists  Query = `sum(rate(experience_read_model_outcomes_total{outcome=~"hit|stale|miss|bypass"}[$window]))`
	dealsLookedUp Query = `sum(rate(experience_read_model_outcomes_total{outcome=~"hit|stale|miss"}[$window]))`
	composedLive  Query = `sum(rate(experience_read_model_outcomes_total{outcome="live_fallback"}[$window]))`

	// callsOfLists counts upstream calls: one per page of the catalog and four per composition. Requests that share a call count it once.
	// Upstream metrics would also count retries and the calls of details.
	callsOfLists Query = `sum(rate(experience_catalog_cache_outcomes_total{outcome="miss"}[$window])) + 4 * sum(rate(experience_list_compositions_total{outcome="made"}[$window]))`

	// FreshRatio and CoverageRatio are shares of the deals; PageHitRatio is a share of the lists.
	FreshRatio    Query = `sum(rate(experience_read_model_outcomes_total{outcome="hit"}[$window])) / (` + dealsLookedUp + ` > 0)`
	CoverageRatio Query = `sum(rate(experience_read_model_outcomes_total{outcome=~"hit|stale"}[$window])) / (` + dealsLookedUp + ` > 0)`
	PageHitRatio  Query = `sum(rate(experience_catalog_cache_outcomes_total{outcome="hit"}[$window])) / (sum(rate(experience_catalog_cache_outcomes_total[$window])) > 0)`

	// DealsPerList is the mean number of deals in a list.
	DealsPerList Query = dealsOfLists + ` / (` + ListRate + ` > 0)`

	// FallbackPerList is the number of deals composed live per list.
	FallbackPerList Query = composedLive + ` / (` + ListRate + ` > 0)`

	// FanOutClassic is the number of calls without the read model: a page, and price, inventory, rating and merchant of each deal.
	FanOutClassic Query = `1 + 4 * ` + DealsPerList

	// FanOutMeasured is the number of calls made per list, with or without the read model.
	FanOutMeasured Query = `(` + callsOfLists + `) / (` + ListRate + ` > 0)`

	// FanOutReduction is the share of the classic calls that was saved.
	FanOutReduction Query = `1 - (` + FanOutMeasured + `) / (` + FanOutClassic + `)`
)

// Objectives, as recorded by the rules of slo/. max drops the other labels.
const (
	Objectives   Query = `max by (sloth_service, sloth_slo, sloth_id) (slo:objective:ratio)`
	PeriodDays   Query = `max by (sloth_service) (slo:time_period:days)`
	PeriodBurn   Query = `max by (sloth_id) (slo:period_burn_rate:ratio * on (sloth_id) group_left () slo:error_budget:ratio)`
	BudgetLeft   Query = `max by (sloth_id) (slo:period_error_budget_remaining:ratio)`
	CurrentBurn  Query = `max by (sloth_id) (slo:current_burn_rate:ratio)`
	BurnByWindow Query = `max by (sloth_id, sloth_window) ({__name__=~"slo:sli_error:ratio_rate.+"} / on (sloth_id) group_left () slo:error_budget:ratio)`
)

// The pool of good hashes.
const (
	PoolWorkers Query = `sum(experience_hash_pool_workers)`
	PoolBusy    Query = `sum(experience_hash_pool_busy_workers)`
	PoolQueued  Query = `sum(experience_hash_pool_jobs) - ` + PoolBusy

	// HashRate counts hashes by route and status.
	HashRate Query = `sum by (route, status) (rate(experience_http_request_duration_seconds_count{route=~"/api/heavy-hash/.+"}[$window]))`

	// SchedulerP99 is the scheduler latency of the API: how long a runnable goroutine waits. The runtime's histogram is classic only.
	SchedulerP99 Query = `histogram_quantile(0.99, sum by (le) (rate(go_sched_latencies_seconds_bucket{job="experience-api"}[$window])))`
)

// The comparison of hashes covers the last HashLookback in steps of HashMoment. Its answers change once per step.
const (
	HashLookback = 900 * time.Second
	HashMoment   = 10 * time.Second
)

const (
	badHashes  = `sum(rate(experience_http_request_duration_seconds_count{route="/api/heavy-hash/bad"}[10s]))`
	goodHashes = `sum(rate(experience_http_request_duration_seconds_count{route="/api/heavy-hash/good"}[10s]))`
)

// Side is a PromQL condition that holds while only bad hashes ran, only good ones, or none. It uses the request metrics, so it also covers
// load that the dashboard did not start.
type Side string

// The sides.
const (
	Bad  Side = `(` + badHashes + ` > 0 unless on () (` + goodHashes + ` > 0))`
	Good Side = `(` + goodHashes + ` > 0 unless on () (` + badHashes + ` > 0))`
	Idle Side = `(vector(1) unless on () ((` + goodHashes + ` > 0) or (` + badHashes + ` > 0)))`
)

// over aggregates expr over the steps at which the side's condition holds.
func (s Side) over(aggregate, expr string) string {
	return aggregate + `((` + expr + ` and on () ` + string(s) + `)[900s:10s])`
}

// Seen returns the number of steps at which the condition holds.
func (s Side) Seen() Query { return Query(s.over("count_over_time", `vector(1)`)) }

// ListQuantile returns a quantile of the latency of all lists in these steps. The histograms are added before the quantile is taken.
func (s Side) ListQuantile(q string) Query {
	return Query(`histogram_quantile(` + q + `, ` + s.over("sum_over_time", `sum(rate(experience_http_request_duration_seconds`+lists+`[10s]))`) + `)`)
}

// ClientListQuantile returns the same quantile measured at the client.
func (s Side) ClientListQuantile(q string) Query {
	return Query(`histogram_quantile(` + q + `, ` + s.over("sum_over_time", `sum(rate(`+clientLists+`[15s]))`) + `)`)
}

// SchedulerP99 returns the p99 of the scheduler latency.
func (s Side) SchedulerP99() Query {
	latencies := `sum by (le) (rate(go_sched_latencies_seconds_bucket{job="experience-api"}[10s]))`
	return Query(`histogram_quantile(0.99, sum by (le) (` + s.over("sum_over_time", latencies) + `))`)
}

// HashRate returns the mean rate of responses of a route with a status.
func (s Side) HashRate(route, status string) Query {
	return Query(s.over("avg_over_time", `sum(rate(experience_http_request_duration_seconds_count{route="`+route+`", status="`+status+`"}[10s]))`))
}

// HashP95 returns the p95 of the duration of hashes.
func (s Side) HashP95(route string) Query {
	return Query(`histogram_quantile(0.95, ` + s.over("sum_over_time", `sum(rate(experience_http_request_duration_seconds{route="`+route+`", status="200"}[10s]))`) + `)`)
}
