// Made of ../../../api/openapi.json by `npm run types`; not to be edited.

export interface Alert {
  readonly ageSec: number;
  /** job that it is about, empty when it is about none */
  readonly component: string;
  readonly description: string;
  readonly name: string;
  /** its name, empty for a cause */
  readonly objective: string;
  /** path of its page here, empty when it has none */
  readonly runbook: string;
  /** of the objective, empty for a cause */
  readonly set: string;
  /** page, ticket, or empty */
  readonly severity: string;
  /** when its condition began to hold */
  readonly since: string;
  readonly state: 'pending' | 'firing';
  readonly summary: string;
}

export interface Alerts {
  readonly alerts: readonly Notified[];
  /** alerts that are kept */
  readonly limit: number;
}

export interface Burn {
  readonly rate: number;
  /** such as 5m */
  readonly window: string;
  readonly windowSec: number;
}

export interface Check {
  readonly id: string;
  /** when the bound stopped holding during the run; null while it holds */
  readonly lostAt: string | null;
  /** when it was met first; null: not in this run */
  readonly metAt: string | null;
  /** why there is no value now, such as an error of Prometheus */
  readonly note: string;
  /** met: the bound holds now; lost: it was met and does not hold now; not-met: its time is over, though it may still be met; recovering: was met, and is watched after the run */
  readonly state: 'pending' | 'met' | 'lost' | 'not-met' | 'recovering' | 'recovered' | 'not-recovered';
  /** the last one; null while the query has none, or an infinite one */
  readonly value: number | null;
}

export interface DeadJob {
  readonly attempts: number;
  readonly diedAt: string;
  readonly enqueuedAt: string;
  /** empty when it failed outside of a step */
  readonly failedStep: string;
  readonly id: string;
  readonly lastError: string;
  /** when it was replayed the last time, if ever */
  readonly replayedAt: string | null;
  /** of the request that enqueued it; empty when it was not traced */
  readonly traceId: string;
}

export interface Edge {
  /** of calls to upstreams, else null */
  readonly breaker: 'closed' | 'half-open' | 'open' | null;
  /** of Redis: deals of lists whose card was there */
  readonly coveredPct: number | null;
  /** jobs of a queue */
  readonly depth: number | null;
  /** 5xx and calls without an answer; of workers: attempts that were retried or died */
  readonly failurePct: number | null;
  readonly from: string;
  /** of Redis: deals of lists whose card was there and fresh */
  readonly hitPct: number | null;
  readonly id: string;
  /** of a queue: number, "Infinity", or null */
  readonly lagSec: Seconds | null;
  readonly p95Ms: number | null;
  /** requests, attempts or jobs per second */
  readonly rps: number | null;
  readonly severity: Severity;
  readonly to: string;
}

export interface Expectation {
  /** bound; exactly one of above and below is not null */
  readonly above: number | null;
  readonly below: number | null;
  /** that long it then goes on to hold; 0: once */
  readonly forSec: number;
  readonly id: string;
  /** PromQL whose value is compared */
  readonly query: string;
  /** of the stop, it no longer holds; 0: nothing to recover from */
  readonly recoversWithinSec: number;
  readonly text: string;
  /** of the start, the bound holds */
  readonly withinSec: number;
}

export interface Fault {
  readonly blackhole: boolean;
  /** 0 to 1 */
  readonly failureRate: number;
  /** until the configured fault is back; 0: until changed */
  readonly forSeconds: number;
  readonly latencyMaxMs: number;
  readonly latencyMinMs: number;
  readonly service: string;
}

export interface FaultChange {
  readonly blackhole?: boolean | null;
  readonly failureRate?: number | null;
  readonly forSeconds?: number | null;
  readonly latencyMaxMs?: number | null;
  readonly latencyMinMs?: number | null;
}

export interface FaultGauge {
  readonly blackhole: boolean;
  /** 0 to 1 */
  readonly failureRate: number;
  readonly latencyMaxMs: number;
  readonly latencyMinMs: number;
}

export type FaultableService = 'deal-service' | 'price-service' | 'inventory-service' | 'rating-service-a' | 'rating-service-b' | 'merchant-service';

export interface Flame {
  readonly endedAt: string | null;
  /** why the last one failed */
  readonly error: string;
  /** the last one that was made, else null */
  readonly report: FlameReport | null;
  readonly startedAt: string | null;
  readonly state: 'idle' | 'running' | 'failed' | 'done';
  /** of the one that runs, else null */
  readonly step: FlameStep | null;
}

export interface FlameFile {
  readonly name: string;
  readonly url: string;
}

export interface FlameReport {
  /** what lies beside it, for download */
  readonly files: readonly FlameFile[];
  readonly madeAt: string;
  /** what the numbers say, in one paragraph */
  readonly meaning: string;
  readonly rows: readonly FlameRow[];
  readonly title: string;
  /** of the page with the flame graphs, to be framed */
  readonly url: string;
}

export interface FlameRow {
  readonly bad: number;
  /** which way it improves; empty: neither */
  readonly better: 'lower' | 'higher' | '';
  readonly good: number;
  readonly id: string;
  readonly label: string;
  readonly unit: string;
}

export interface FlameStep {
  readonly elapsedSec: number;
  /** of experience-api, while it is measured */
  readonly goroutines: number;
  readonly name: string;
  /** from 1 */
  readonly number: number;
  readonly of: number;
  /** of these, those that wait for a processor */
  readonly runnable: number;
  /** 0 when that is not known */
  readonly takesSec: number;
}

export interface Hash {
  readonly at: string;
  readonly bad: HashSide;
  readonly good: HashSide;
  readonly history: History | null;
  /** while neither ran, for comparison; its throughput is null */
  readonly idle: HashSide;
  readonly pool: HashPool;
  /** how far back the two sides look */
  readonly windowSec: number;
}

export interface HashPool {
  readonly busy: number | null;
  readonly queued: number | null;
  readonly workers: number | null;
}

export interface HashSide {
  /** of lists at the client, measured by k6 from sending to the last byte; null when k6 read no lists */
  readonly clientListP95Ms: number | null;
  readonly clientListP99Ms: number | null;
  /** of the hashes themselves */
  readonly hashP95Ms: number | null;
  /** done, mean */
  readonly hashesPerSec: number | null;
  /** of lists at the server: its clock starts with the handler, after the goroutine has waited for a processor */
  readonly listP95Ms: number | null;
  readonly listP99Ms: number | null;
  /** 429, mean */
  readonly rejectionsPerSec: number | null;
  readonly runningNow: boolean;
  /** how long a goroutine that could run waited for a processor */
  readonly schedulerP99Ms: number | null;
  /** how long it ran within the window */
  readonly seenSec: number | null;
}

export interface History {
  readonly series: readonly Series[];
  readonly stepSec: number;
  /** Unix seconds, rising by stepSec */
  readonly times: readonly number[];
}

export interface Hybrid {
  readonly at: string;
  /** lists whose catalog page was in the process */
  readonly catalogCachePct: number | null;
  /** deals whose card was there */
  readonly coveragePct: number | null;
  /** mean limit of the lists: deals per list */
  readonly dealsPerList: number | null;
  /** upstream calls of a list without the read model: 1 + 4 for each deal */
  readonly fanOutClassic: number | null;
  /** upstream calls made per list, retries left out; calls that several lists share count once */
  readonly fanOutMeasured: number | null;
  /** deals whose card was there and fresh */
  readonly freshHitPct: number | null;
  readonly history: History | null;
  readonly listRps: number | null;
  /** deals composed live, per list */
  readonly liveFallbackPerRequest: number | null;
  /** hit, stale, miss, bypass (the read model is off), live_fallback, refresh_enqueued */
  readonly outcomes: readonly Outcome[];
  /** of lists */
  readonly p95Ms: number | null;
  readonly reductionPct: number | null;
}

export interface Intensity {
  readonly default: number;
  readonly max: number;
  readonly min: number;
}

export interface LinkTemplate {
  /** such as overview, traces, trace, profile, graph */
  readonly id: string;
  readonly label: string;
  readonly url: string;
}

export interface Links {
  readonly pages: readonly Page[];
}

export interface Marker {
  readonly at: string;
  readonly kind: 'start' | 'stop';
  readonly label: string;
  readonly scenario: string;
}

export interface Met {
  readonly errorRatePct: boolean | null;
  readonly p95LatencyMs: boolean | null;
  readonly queueDepth: boolean | null;
}

export interface Meta {
  /** true: from where you are nothing can be changed, since no token is set */
  readonly locked: boolean;
  /** the clock of the server, for ages */
  readonly now: string;
  /** how often a page should ask */
  readonly pollSec: number;
  readonly prometheus: PrometheusMeta;
  /** whose faults can be changed */
  readonly services: readonly string[];
  readonly startedAt: string;
  /** true: what changes something needs Authorization: Bearer <DASHBOARD_TOKEN>, since you call from another machine */
  readonly tokenRequired: boolean;
  readonly version: string;
}

export interface Node {
  /** of experience-api: lists whose catalog page was in the process */
  readonly cachePct: number | null;
  /** 0 is the leftmost */
  readonly column: number;
  /** of Redis: deals of lists whose card was there */
  readonly coveredPct: number | null;
  /** of a queue: jobs in its DLQ */
  readonly dead: number | null;
  /** jobs of a queue */
  readonly depth: number | null;
  /** 5xx and calls without an answer; of workers: attempts that were retried or died */
  readonly failurePct: number | null;
  /** of domain services, as they report it to Prometheus; else null */
  readonly fault: FaultGauge | null;
  /** of Redis: deals of lists whose card was there and fresh */
  readonly hitPct: number | null;
  /** the component's name, the queue's, clients or redis */
  readonly id: string;
  readonly kind: 'client' | 'api' | 'service' | 'balancer' | 'store' | 'queue' | 'worker';
  readonly label: string;
  /** of a queue: number, "Infinity", or null */
  readonly lagSec: Seconds | null;
  /** of a queue: how long its oldest job has waited */
  readonly oldestSec: number | null;
  readonly p95Ms: number | null;
  /** instances that answer Prometheus */
  readonly replicas: number;
  /** requests, attempts or jobs per second */
  readonly rps: number | null;
  readonly severity: Severity;
  /** null for what Prometheus does not scrape */
  readonly up: boolean | null;
}

export interface NodeHistory {
  readonly history: History;
  readonly id: string;
}

export interface Notification {
  readonly alerts: readonly NotificationAlert[];
  readonly version: '4';
}

export interface NotificationAlert {
  readonly annotations: Readonly<Record<string, string>>;
  readonly endsAt: string;
  readonly fingerprint: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly status: 'firing' | 'resolved';
}

export interface Notified {
  readonly component: string;
  /** null while it fires */
  readonly endsAt: string | null;
  readonly fingerprint: string;
  readonly name: string;
  readonly objective: string;
  readonly receivedAt: string;
  readonly set: string;
  readonly severity: string;
  readonly startsAt: string;
  readonly status: 'firing' | 'resolved';
  readonly summary: string;
}

export interface Objective {
  /** 100 is all of the error budget; negative when it is overdrawn */
  readonly budgetLeftPct: number | null;
  /** over the shortest window; 1 uses up the budget in exactly its period */
  readonly burnRate: number | null;
  /** the shortest window first */
  readonly burnRates: readonly Burn[];
  /** over the period */
  readonly deliveredPct: number | null;
  /** such as deals-lab-time-latency */
  readonly id: string;
  readonly name: string;
  readonly objectivePct: number;
  readonly severity: Severity;
}

export interface ObjectiveSet {
  /** Sloth's service: deals (30 days) or deals-lab-time */
  readonly id: string;
  readonly label: string;
  readonly objectives: readonly Objective[];
  readonly periodSec: number;
}

export interface Outcome {
  readonly outcome: string;
  readonly perRequest: number | null;
  /** deals per second */
  readonly rps: number | null;
}

export interface Page {
  readonly available: boolean;
  readonly id: 'grafana' | 'tempo' | 'pyroscope' | 'prometheus' | 'alertmanager' | 'queue-ui';
  readonly label: string;
  /** into the page; only while it is available */
  readonly links: readonly LinkTemplate[];
  /** as browsers reach it; tempo has no page of its own, its traces are shown in Grafana */
  readonly url: string;
}

export interface Problem {
  /** stable */
  readonly code: string;
  /** for a person */
  readonly error: string;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly warnings: readonly string[];
}

export interface PrometheusMeta {
  readonly ok: boolean;
  /** why not ok */
  readonly reason: string;
  /** of ok: of its answering; else of its last answer, or of our start when there was none */
  readonly since: string;
}

export interface Queue {
  readonly completedRps: number | null;
  /** in the DLQ, by Redis */
  readonly dead: number;
  /** the latest, at most 20 */
  readonly deadJobs: readonly DeadJob[];
  readonly depth: number | null;
  readonly diedRps: number | null;
  /** from enqueueing to completion */
  readonly endToEndP95Ms: number | null;
  readonly enqueuedRps: number | null;
  /** jobs being worked on */
  readonly inFlight: number | null;
  /** number, "Infinity", or null */
  readonly lagSec: Seconds | null;
  readonly name: string;
  readonly oldestSec: number | null;
  readonly paused: boolean;
  /** batches refused with 429 */
  readonly refusedRps: number | null;
  readonly retriedRps: number | null;
}

export interface Queues {
  readonly at: string;
  /** why dead jobs can't be listed, such as Redis being away; empty when they can */
  readonly dlqNote: string;
  /** depth, lagSec, oldestSec and dead, of each queue */
  readonly history: History | null;
  readonly queues: readonly Queue[];
}

export interface ReplayBody {
  readonly all?: boolean;
  /** job; exactly one of id and all */
  readonly id?: string;
}

export interface Replayed {
  readonly replayed: number;
}

export interface Run {
  /** one for each expectation, in their order */
  readonly checks: readonly Check[];
  readonly elapsedSec: number;
  readonly endedAt: string | null;
  /** why it failed */
  readonly error: string;
  readonly id: number;
  readonly intensity: number;
  /** of k6's output, when it failed */
  readonly lastLines: readonly string[];
  /** empty until it has ended */
  readonly outcome: '' | 'stopped' | 'completed' | 'failed';
  readonly scenario: string;
  readonly startedAt: string;
  readonly state: 'running' | 'stopping' | 'ended';
  /** null until k6 has written it */
  readonly summary: Summary | null;
  /** what the script itself promises did not hold */
  readonly thresholdsFailed: boolean;
}

export interface Runs {
  /** runs that are kept */
  readonly limit: number;
  readonly markers: readonly Marker[];
  readonly runs: readonly Run[];
  /** the start of the dashboard; nothing before is known */
  readonly since: string;
}

export interface SLI {
  readonly at: string;
  /** null without traffic */
  readonly errorRatePct: number | null;
  /** series by the names of the members above; null unless asked for */
  readonly history: History | null;
  readonly met: Met;
  /** null without traffic */
  readonly p95LatencyMs: number | null;
  readonly queueDepth: number | null;
  /** number, "Infinity" when jobs wait and none is completed, or null */
  readonly queueLagEstimateSec: Seconds | null;
  readonly requestRateRps: number | null;
  readonly targets: Targets;
  /** null without calls; over 100 while breakers spare the attempts */
  readonly upstreamFailureRatePct: number | null;
}

export interface SLO {
  /** firing before pending, the eldest first */
  readonly alerts: readonly Alert[];
  readonly at: string;
  /** 30 days first, then lab time; empty until Prometheus has evaluated the rules */
  readonly sets: readonly ObjectiveSet[];
}

export interface Scenario {
  readonly active: boolean;
  /** starts with the dashboard */
  readonly default: boolean;
  readonly expectations: readonly Expectation[];
  readonly explanation: string;
  readonly id: string;
  readonly intensity: Intensity;
  readonly label: string;
  /** how long a run goes on that nobody stops */
  readonly lastsSec: number;
  readonly lookFor: string;
  /** the one that runs, else the last one, else null */
  readonly run: Run | null;
  readonly summary: string;
}

export interface ScenarioBody {
  /** left out: the opposite of now */
  readonly active?: boolean | null;
  /** factor within the scenario's range, for a start */
  readonly intensity?: number | null;
}

export interface Scenarios {
  /** false without the k6 binary: nothing can be started */
  readonly available: boolean;
  /** runs at once */
  readonly limit: number;
  /** why not, and what to do */
  readonly reason: string;
  readonly running: number;
  readonly scenarios: readonly Scenario[];
}

export type Seconds = number | 'Infinity';

export interface Series {
  /** of the member whose past it is */
  readonly name: string;
  /** queue, service or route when there are several of the name, else empty */
  readonly of: string;
  /** one for each of times; null where nothing is known, and where it is infinite */
  readonly values: readonly (number | null)[];
}

export type Severity = 'unknown' | 'good' | 'watch' | 'bad';

export interface Summary {
  readonly averageMs: number;
  readonly failures: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** answers that were a 429 */
  readonly refusedPct: number;
  readonly requests: number;
  readonly rps: number;
  readonly success: number;
}

export interface Taken {
  readonly taken: number;
}

export interface Targets {
  readonly errorRatePct: number;
  readonly p95LatencyMs: number;
  readonly queueDepth: number;
}

export interface Threshold {
  readonly bad: number;
  /** less is worse */
  readonly below: boolean;
  /** of the node, or of the one that an edge leads to; or objective */
  readonly kind: string;
  /** name of the member */
  readonly number: string;
  readonly watch: number;
  readonly why: string;
}

export interface Topology {
  readonly at: string;
  readonly edges: readonly Edge[];
  readonly nodes: readonly Node[];
  readonly thresholds: readonly Threshold[];
}
