package prom

import (
	"fmt"
	"strconv"
	"time"

	"github.com/prometheus/common/model"

	"deals.example/slo/indicators"
)

// Query is a PromQL query. $window stands for the window of its rates, and $step for the step of the span over which it is evaluated. Queries that Grafana or the rules use too are in slo/indicators.
type Query string

// Queues and their workers.
const (
	// EnqueuedByQueue counts jobs whose enqueueing Redis confirmed.
	EnqueuedByQueue Query = `sum by (queue) (rate(experience_queue_jobs_enqueued_total[$window]))`

	// RefusedByQueue counts batches answered with 429.
	RefusedByQueue Query = `sum by (queue) (rate(experience_queue_rejections_total[$window]))`

	// AttemptsByQueue counts attempts of workers. RetriedByQueue and DiedByQueue count the failed ones, by the outcome for the job.
	AttemptsByQueue Query = `sum by (queue) (rate(worker_jobs_total[$window]))`
	RetriedByQueue  Query = `sum by (queue) (rate(worker_jobs_total{outcome="retried"}[$window]))`
	DiedByQueue     Query = `sum by (queue) (rate(worker_jobs_total{outcome="dead"}[$window]))`

	// JobFailureRatio is the share of attempts that did not complete the job.
	JobFailureRatio Query = `1 - ` + indicators.CompletedByQueue + ` / (` + AttemptsByQueue + ` > 0)`

	// JobP95 is the duration of one attempt. EndToEndP95 is the time from enqueueing to completion, including waits and retries.
	JobP95      Query = `histogram_quantile(0.95, sum by (queue) (rate(worker_job_duration_seconds[$window])))`
	EndToEndP95 Query = `histogram_quantile(0.95, sum by (queue) (rate(worker_job_end_to_end_seconds[$window])))`
)

// Components and the calls between them.
const (
	// UpByJob counts the instances that answer the scrape. 0 means that the component is down.
	UpByJob Query = `sum by (job) (up)`

	// SilentByJob counts the instances that don't answer the scrape. YoungestByJob is the time since the last of them started.
	SilentByJob   Query = `count by (job) (up) - ` + UpByJob
	YoungestByJob Query = `min by (job) (time() - process_start_time_seconds)`

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

	// Switched is 1 at the steps in which a control was switched, with the option that is in force then. The counter of a component that
	// starts anew is lower than before, so its start is no switch.
	Switched Query = `max by (component, control, option) (deals_control_info) and on (component, control) (sum by (component, control) (deals_control_changes_total) > sum by (component, control) (deals_control_changes_total offset $step))`

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

// The hybrid read model.
const (
	// CardOutcomes counts deals by outcome: hit, stale, miss and bypass add up to the deals of all lists. The other outcomes count live
	// compositions and refreshes.
	CardOutcomes Query = `sum by (outcome) (rate(experience_read_model_outcomes_total[$window]))`
)

// The latency of lists, GET /api/deals.
const (
	lists       = `{route="/api/deals"}`
	clientLists = `k6_http_req_duration_seconds{name="/api/deals"}`

	ListP95 Query = `histogram_quantile(0.95, sum(rate(experience_http_request_duration_seconds` + lists + `[$window])))`
	ListP99 Query = `histogram_quantile(0.99, sum(rate(experience_http_request_duration_seconds` + lists + `[$window])))`

	// ClientListP95 and ClientListP99 are the latency of lists as measured by k6, which pushes native histograms every 5 s. The server's clock
	// starts when the handler runs, so only the client's number includes the time that the goroutine waits for a processor.
	ClientListP95 Query = `histogram_quantile(0.95, sum(rate(` + clientLists + `[$window])))`
	ClientListP99 Query = `histogram_quantile(0.99, sum(rate(` + clientLists + `[$window])))`
)

// What the API measures of its lists and details, and what is measured outside of it, over OutsideWindow: of lists or of details, whichever is
// worse, because the two are mixed differently in different measurements.
const (
	OutsideWindow = time.Minute

	insideRoutes  = `{route=~"/api/deals(/:id)?"}`
	insideCount   = `sum by (route) (rate(experience_http_request_duration_seconds_count` + insideRoutes + `[1m]))`
	clientRoutes  = `name=~"/api/deals(/:id)?"`
	clientCount   = `(sum by (name) (increase(k6_http_reqs_total{` + clientRoutes + `}[1m])) > 0)`
	clientFailed  = `sum by (name) (increase(k6_http_reqs_total{` + clientRoutes + `, status=~"0|5.."}[1m]))`
	probesCounted = `(sum by (route) (increase(probe_requests_total[1m])) > 0)`

	// InsideErrorRatio and InsideP95 come from the API's own metrics, which have gaps when Prometheus can't scrape it.
	InsideErrorRatio Query = `max((sum by (route) (rate(experience_http_request_errors_total` + insideRoutes + `[1m])) or 0 * ` + insideCount + `) / (` + insideCount + ` > 0))`
	InsideP95        Query = `max(histogram_quantile(0.95, sum by (route) (rate(experience_http_request_duration_seconds` + insideRoutes + `[1m]))))`

	// ClientRequests, ClientErrorRatio and ClientP95 come from k6, while a scenario runs. A request without an answer has the status 0.
	ClientRequests   Query = `min(` + clientCount + `)`
	ClientErrorRatio Query = `max((` + clientFailed + ` or 0 * ` + clientCount + `) / ` + clientCount + `)`
	ClientP95        Query = `max(histogram_quantile(0.95, sum by (name) (rate(k6_http_req_duration_seconds{` + clientRoutes + `}[1m]))))`

	// ProbeRequests, ProbeErrorRatio and ProbeP95 come from the dashboard's own probes.
	ProbeRequests   Query = `min(` + probesCounted + `)`
	ProbeErrorRatio Query = `max(1 - avg by (route) (avg_over_time(probe_success[1m])))`
	ProbeP95        Query = `max(quantile_over_time(0.95, probe_duration_seconds[1m]))`
)

// Objectives, as recorded by the rules of slo/. max drops the other labels.
const (
	Objectives   Query = `max by (sloth_service, sloth_slo, sloth_id) (slo:objective:ratio)`
	PeriodDays   Query = `max by (sloth_service) (slo:time_period:days)`
	PeriodBurn   Query = `max by (sloth_id) (slo:period_burn_rate:ratio * on (sloth_id) group_left () slo:error_budget:ratio)`
	PeriodBad    Query = `max by (sloth_id) (slo:period_bad_events:sum)`
	PeriodTotal  Query = `max by (sloth_id, unit) (slo:period_total_events:sum)`
	BudgetLeft   Query = `max by (sloth_id) (slo:period_error_budget_remaining:ratio)`
	CurrentBurn  Query = `max by (sloth_id) (slo:current_burn_rate:ratio)`
	Target       Query = `max by (sloth_id) (slo:latency_target:seconds)`
	BurnByWindow Query = `max by (sloth_id, sloth_window) ({__name__=~"slo:sli_error:ratio_.+"} / on (sloth_id) group_left () slo:error_budget:ratio)`
)

// EventsOf returns the number of events of a latency objective over the period. WithinOf returns the share of them that took at most target
// seconds, from the same native histogram: within one of its buckets, it interpolates.
func EventsOf(id string, period time.Duration) Query {
	return Query(`histogram_count(` + durationsOf(id, period) + `)`)
}

// WithinOf is described at EventsOf.
func WithinOf(id string, period time.Duration, target float64) Query {
	return Query(fmt.Sprintf(`histogram_fraction(-Inf, %s, %s)`, strconv.FormatFloat(target, 'f', -1, 64), durationsOf(id, period)))
}

func durationsOf(id string, period time.Duration) string {
	return fmt.Sprintf(`sum(sum_over_time({__name__=~"slo:event_durations:increase.+", sloth_id=%q}[%s]))`, id, model.Duration(period))
}

// The pool of good hashes.
const (
	PoolWorkers Query = `sum(experience_hash_pool_workers)`
	PoolBusy    Query = `sum(experience_hash_pool_busy_workers)`
	PoolQueued  Query = `sum(experience_hash_pool_jobs) - ` + PoolBusy

	// HashRate counts hashes by route and status.
	HashRate Query = `sum by (route, status) (rate(experience_http_request_duration_seconds_count{route=~"/api/heavy-hash/.+"}[$window]))`

	// SchedulerP99 is the scheduler latency of the API: how long a runnable goroutine waits. The runtime's histogram is classic only.
	SchedulerP99 Query = `histogram_quantile(0.99, sum by (le) (rate(` + schedulerLatencies + `[$window])))`

	schedulerLatencies = `go_sched_latencies_seconds_bucket{job="experience-api"}`
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
	return Query(`histogram_quantile(0.99, sum by (le) (` + s.over("sum_over_time", `sum by (le) (rate(`+schedulerLatencies+`[10s]))`) + `))`)
}

// HashRate returns the mean rate of responses of a route with a status.
func (s Side) HashRate(route, status string) Query {
	return Query(s.over("avg_over_time", `sum(rate(experience_http_request_duration_seconds_count{route="`+route+`", status="`+status+`"}[10s]))`))
}

// HashP95 returns the p95 of the duration of hashes.
func (s Side) HashP95(route string) Query {
	return Query(`histogram_quantile(0.95, ` + s.over("sum_over_time", `sum(rate(experience_http_request_duration_seconds{route="`+route+`", status="200"}[10s]))`) + `)`)
}
