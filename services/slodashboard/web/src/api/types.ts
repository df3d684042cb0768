// Made of ../../../api/openapi.json by `npm run types`; not to be edited.

export interface Alert {
  readonly ageSec: number;
  /** job of the affected component, or empty */
  readonly component: string;
  readonly description: string;
  readonly name: string;
  /** name of the objective; empty for an alert on a cause */
  readonly objective: string;
  /** path of its page here, empty when it has none */
  readonly runbook: string;
  /** set of the objective; empty for an alert on a cause */
  readonly set: string;
  /** page, ticket, or empty */
  readonly severity: string;
  /** when the condition began to hold */
  readonly since: string;
  readonly state: 'pending' | 'firing';
  readonly summary: string;
}

export interface Alerts {
  readonly alerts: readonly Notified[];
  /** maximum number of alerts kept */
  readonly limit: number;
}

export interface Burn {
  readonly rate: number;
  /** such as 5m */
  readonly window: string;
  readonly windowSec: number;
}

export interface BusyTrace {
  /** of the last profile with a sample of it */
  readonly at: string;
  /** from samples of 10 ms each */
  readonly cpuMs: number;
  /** its name */
  readonly span: string;
  /** the component's first span in the trace */
  readonly spanId: string;
  readonly traceId: string;
}

export interface BusyTraces {
  readonly at: string;
  /** the most CPU time first */
  readonly traces: readonly BusyTrace[];
  /** the time before at of which profiles count */
  readonly windowSec: number;
}

export interface Capacity {
  /** what becomes of requests whose caller has gone */
  readonly abandoned: 'drop' | 'serve';
  /** requests that are being served */
  readonly busy: number;
  /** requests served at a time */
  readonly capacity: number;
  readonly discipline: 'fifo' | 'unbounded' | 'lifo-codel';
  /** time until the configured capacity is restored; 0: no limit */
  readonly forSeconds: number;
  /** requests that may wait; the discipline unbounded ignores it */
  readonly queue: number;
  /** processes of the component that have these settings: all of them */
  readonly replicas: number;
  readonly service: string;
  /** share of busy slots, 0 to 1, above which the service slows down; 1: never */
  readonly slowAbove: number;
  /** factor of the service time when all slots are busy */
  readonly slowdown: number;
  /** requests that wait for a slot */
  readonly waiting: number;
}

export interface CapacityChange {
  readonly abandoned?: 'drop' | 'serve' | null;
  readonly capacity?: number | null;
  readonly discipline?: 'fifo' | 'unbounded' | 'lifo-codel' | null;
  readonly forSeconds?: number;
  readonly queue?: number | null;
  readonly slowAbove?: number | null;
  readonly slowdown?: number | null;
}

export interface Check {
  readonly id: string;
  /** when the bound stopped holding during the run; null while it holds */
  readonly lostAt: string | null;
  /** when it was first met; null: not in this run */
  readonly metAt: string | null;
  /** why there is no value now, such as an error of Prometheus */
  readonly note: string;
  /** met: the bound holds now; lost: it was met and does not hold now; not-met: not met in time, but can still be met; recovering: was met, and is observed after the run */
  readonly state: 'pending' | 'met' | 'lost' | 'not-met' | 'recovering' | 'recovered' | 'not-recovered';
  /** the last value; null if the query has none, or an infinite one */
  readonly value: number | null;
}

export type Code = 'invalid_argument' | 'not_found' | 'method_not_allowed' | 'body_too_large' | 'unsupported_media_type' | 'upstream_unavailable' | 'queue_unavailable' | 'shutting_down' | 'internal' | 'prometheus_unavailable' | 'forbidden' | 'token_required' | 'too_many_tries' | 'k6_unavailable' | 'promtool_unavailable' | 'profiles_unavailable' | 'busy';

export interface Control {
  /** time until start is back; 0: no limit */
  readonly forSeconds: number;
  /** what it decides */
  readonly help: string;
  readonly name: string;
  /** in force, such as static=30 */
  readonly option: string;
  /** those that can be in force */
  readonly options: readonly ControlOption[];
  /** in force after a start of the component */
  readonly start: string;
}

export interface ControlChange {
  readonly control: string;
  readonly forSeconds?: number;
  readonly option: string;
}

export interface ControlOption {
  /** may be empty */
  readonly help: string;
  /** upper bound of the number that follows the name; 0: no number follows */
  readonly max: number;
  /** lower bound of the number that follows the name */
  readonly min: number;
  readonly name: string;
}

export interface Controls {
  readonly component: string;
  readonly controls: readonly Control[];
  /** processes of the component that have these settings: all of them */
  readonly replicas: number;
}

export interface DeadJob {
  readonly attempts: number;
  readonly diedAt: string;
  readonly enqueuedAt: string;
  /** empty if it failed outside a step */
  readonly failedStep: string;
  readonly id: string;
  readonly lastError: string;
  /** time of the last replay, if any */
  readonly replayedAt: string | null;
  /** trace of the request that enqueued it; empty if not traced */
  readonly traceId: string;
}

export interface Edge {
  /** calls to upstreams only, else null */
  readonly breaker: 'closed' | 'half-open' | 'open' | null;
  /** Redis only: share of listed deals with a card */
  readonly coveredPct: number | null;
  /** jobs of a queue */
  readonly depth: number | null;
  /** 5xx and calls without a response; for workers: attempts that were retried or died */
  readonly failurePct: number | null;
  readonly from: string;
  /** Redis only: share of listed deals with a fresh card */
  readonly hitPct: number | null;
  readonly id: string;
  /** calls to upstreams only */
  readonly inFlight: number | null;
  /** queues only: a number, "Infinity", or null */
  readonly lagSec: Seconds | null;
  /** calls to upstreams only: how many may be in flight; null if there is no limit */
  readonly limit: number | null;
  readonly p95Ms: number | null;
  /** requests, attempts or jobs per second */
  readonly rps: number | null;
  readonly severity: Severity;
  readonly to: string;
  /** calls to upstreams only: those that wait for the limit */
  readonly waiting: number | null;
}

export interface Expectation {
  /** bound; exactly one of above and below is set */
  readonly above: number | null;
  readonly below: number | null;
  /** how long the bound must hold; 0: once is enough */
  readonly forSec: number;
  readonly id: string;
  /** PromQL query whose value is compared */
  readonly query: string;
  /** the bound must no longer hold within this time of the stop; 0: not checked */
  readonly recoversWithinSec: number;
  readonly text: string;
  /** the bound must hold within this time of the start */
  readonly withinSec: number;
}

export interface ExperimentAnswer {
  /** null if it was not measured */
  readonly measured: number | null;
  readonly question: string;
}

export interface ExperimentArm {
  readonly id: string;
  readonly label: string;
  /** settings, in words; empty: the defaults */
  readonly set: readonly string[];
}

export interface ExperimentBody {
  /** only this arm */
  readonly arm?: string;
  /** other bounds, by measure for all promises about it, or by the key of a promise */
  readonly bounds?: Readonly<Record<string, number>>;
  /** halves the times */
  readonly quick?: boolean;
  /** rounds; default 3 */
  readonly repeats?: number | null;
  readonly seed?: number | null;
}

export interface ExperimentCard {
  readonly id: string;
  /** of the last run that ended; null if there is none */
  readonly last: ExperimentVerdict | null;
  /** duration of the load of one arm, or of the recording */
  readonly lengthSec: number;
  readonly question: string;
  /** about how long a run with the default number of rounds takes */
  readonly takesSec: number;
  readonly title: string;
}

export interface ExperimentChart {
  readonly arm: string;
  /** requests per second */
  readonly due: readonly number[];
  /** complete answers per second */
  readonly good: readonly number[];
  /** 0 without answers */
  readonly p95Ms: readonly number[];
  /** requests per second */
  readonly refused: readonly number[];
  readonly round: number;
  readonly stream: string;
}

export interface ExperimentCode {
  readonly file: string;
  readonly function: string;
  readonly what: string;
}

export interface ExperimentDetail {
  readonly arms: readonly ExperimentArm[];
  /** what makes the difference */
  readonly code: readonly ExperimentCode[];
  /** components that it sets something of */
  readonly components: readonly string[];
  readonly disturbed: readonly ExperimentSpan[];
  /** HTML */
  readonly explanation: string;
  readonly id: string;
  /** of the last run that ended; null if there is none */
  readonly last: ExperimentVerdict | null;
  /** duration of the load of one arm, or of the recording */
  readonly lengthSec: number;
  /** the published results that it repeats */
  readonly mirrors: readonly ExperimentSource[];
  /** the program without which it can't be started, and what to do; empty: it is there */
  readonly missing: string;
  /** to be answered before a run */
  readonly predictions: readonly ExperimentQuestion[];
  readonly promises: readonly ExperimentPromised[];
  readonly question: string;
  /** alerts are tried on recorded samples: nothing is loaded or set, and there is one round */
  readonly replay: boolean;
  /** of the last run; null if there is none */
  readonly result: ExperimentResult | null;
  /** settings of every arm */
  readonly setup: readonly string[];
  /** the load, or what is replayed, in words */
  readonly streams: readonly string[];
  /** about how long a run with the default number of rounds takes */
  readonly takesSec: number;
  readonly title: string;
  /** of all runs that are kept, newest first */
  readonly verdicts: readonly ExperimentVerdict[];
}

export interface ExperimentMeasure {
  readonly arms: readonly ExperimentSpread[];
  readonly id: string;
  /** the ranges of the first and the last arm overlap */
  readonly overlap: boolean;
  /** first arm over last arm */
  readonly ratio: number | null;
  readonly text: string;
  readonly unit: string;
}

export interface ExperimentPage {
  readonly arm: string;
  /** after the start of the recording */
  readonly fromSec: number;
  readonly toSec: number;
}

export interface ExperimentPromise {
  /** in words */
  readonly bound: string;
  /** in words */
  readonly measured: string;
  readonly outcome: 'met' | 'not met' | 'no data';
  /** the ranges of the two arms overlap */
  readonly overlap: boolean;
  readonly text: string;
}

export interface ExperimentPromised {
  /** the bound is the least value, not the most */
  readonly above: boolean;
  /** in words */
  readonly bound: string;
  /** of its bound in a request to run the experiment: measure/arm, or measure/arm/over */
  readonly key: string;
  /** of the bound of a quick run */
  readonly quickValue: number;
  readonly text: string;
  /** times: two arms are compared */
  readonly unit: 'ratio' | 'ms' | 's' | 'per second' | 'count' | 'calls' | 'times';
  /** of the bound */
  readonly value: number;
}

export interface ExperimentQuestion {
  /** index of the right choice */
  readonly answer: number;
  /** empty with a slider */
  readonly choices: readonly string[];
  readonly id: string;
  /** null with choices */
  readonly slider: ExperimentSlider | null;
  readonly text: string;
  readonly why: string;
}

export interface ExperimentReplay {
  /** of each sample; 0 without requests */
  readonly errorRatio: readonly number[];
  readonly pages: readonly ExperimentPage[];
  /** time between two samples */
  readonly sampleSec: number;
}

export interface ExperimentResult {
  /** to the questions with a slider */
  readonly answers: readonly ExperimentAnswer[];
  /** the only arm that ran; empty: all */
  readonly arm: string;
  readonly charts: readonly ExperimentChart[];
  readonly endedAt: string;
  /** duration of the load of one arm */
  readonly lengthSec: number;
  /** promises that were met */
  readonly met: number;
  /** promises */
  readonly of: number;
  readonly processors: number;
  readonly promises: readonly ExperimentPromise[];
  /** the times were halved */
  readonly quick: boolean;
  readonly repeats: number;
  /** null if the experiment has a load */
  readonly replay: ExperimentReplay | null;
  /** path of the page of the report */
  readonly report: string;
  readonly run: string;
  readonly seed: number;
  readonly system: string;
  readonly table: readonly ExperimentMeasure[];
  readonly version: string;
}

export interface ExperimentRun {
  /** that runs now */
  readonly arm: string;
  /** of the rounds so far and of the current one */
  readonly charts: readonly ExperimentChart[];
  /** what disturbs the platform now */
  readonly disturbed: string;
  /** of the load */
  readonly elapsedSec: number;
  readonly endedAt: string | null;
  /** why the run failed */
  readonly error: string;
  readonly experiment: string;
  /** about how long the whole run still takes */
  readonly leftSec: number;
  /** of the load */
  readonly lengthSec: number;
  readonly phase: '' | 'settling' | 'preparing' | 'loading' | 'measuring' | 'replaying';
  /** from 1 */
  readonly round: number;
  readonly rounds: number;
  readonly startedAt: string;
  readonly state: 'running' | 'stopping' | 'done' | 'stopped' | 'failed';
}

export interface ExperimentSlider {
  /** the usual number, where a run measured none */
  readonly answer: number;
  readonly max: number;
  readonly min: number;
  readonly step: number;
  /** by how much a right prediction may differ */
  readonly tolerance: number;
  readonly unit: 'ratio' | 'ms' | 's' | 'per second' | 'count' | 'calls' | 'times';
}

export interface ExperimentSource {
  readonly text: string;
  readonly url: string;
}

export interface ExperimentSpan {
  /** after the start of the load */
  readonly atSec: number;
  readonly forSec: number;
  readonly text: string;
}

export interface ExperimentSpread {
  readonly arm: string;
  readonly least: number | null;
  readonly median: number | null;
  readonly most: number | null;
}

export interface ExperimentVerdict {
  /** the only arm that ran; empty: all */
  readonly arm: string;
  readonly endedAt: string;
  /** promises that were met */
  readonly met: number;
  /** promises */
  readonly of: number;
  /** the times were halved */
  readonly quick: boolean;
  readonly repeats: number;
  /** path of the page of the report */
  readonly report: string;
  readonly run: string;
}

export interface Experiments {
  /** false without the k6 binary: only replays can be started */
  readonly available: boolean;
  /** in the order in which to do them */
  readonly experiments: readonly ExperimentCard[];
  /** why experiments are unavailable, and what to do */
  readonly reason: string;
  /** the current run, else the last one, else null */
  readonly run: ExperimentRun | null;
}

export interface Fault {
  readonly blackhole: boolean;
  /** 0 to 1 */
  readonly failureRate: number;
  /** time until the configured fault is restored; 0: no limit */
  readonly forSeconds: number;
  readonly latencyMaxMs: number;
  readonly latencyMinMs: number;
  /** processes of the component that have these settings: all of them */
  readonly replicas: number;
  readonly service: string;
}

export interface FaultChange {
  readonly blackhole?: boolean | null;
  readonly failureRate?: number | null;
  readonly forSeconds?: number;
  readonly latencyMaxMs?: number | null;
  readonly latencyMinMs?: number | null;
  readonly slowFactor?: number | null;
  readonly slowRate?: number | null;
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
  /** why the last comparison failed */
  readonly error: string;
  /** the last report, else null */
  readonly report: FlameReport | null;
  readonly startedAt: string | null;
  readonly state: 'idle' | 'running' | 'failed' | 'done';
  /** current step; null unless running */
  readonly step: FlameStep | null;
}

export interface FlameFile {
  readonly name: string;
  readonly url: string;
}

export interface FlameReport {
  /** other files of the report */
  readonly files: readonly FlameFile[];
  readonly madeAt: string;
  /** what the numbers mean, in one paragraph */
  readonly meaning: string;
  readonly rows: readonly FlameRow[];
  readonly title: string;
  /** URL of the page with the flame graphs */
  readonly url: string;
}

export interface FlameRow {
  readonly bad: number;
  /** which direction is better; empty: neither */
  readonly better: 'lower' | 'higher' | '';
  readonly good: number;
  readonly id: string;
  readonly label: string;
  readonly unit: string;
}

export interface FlameStep {
  readonly elapsedSec: number;
  /** goroutines of experience-api during the measurement */
  readonly goroutines: number;
  readonly name: string;
  /** from 1 */
  readonly number: number;
  readonly of: number;
  /** goroutines that wait for a processor */
  readonly runnable: number;
  /** 0 if unknown */
  readonly takesSec: number;
}

export interface Hash {
  readonly at: string;
  readonly bad: HashSide;
  readonly good: HashSide;
  readonly history: History | null;
  /** while neither ran; its throughput is null */
  readonly idle: HashSide;
  readonly pool: HashPool;
  /** length of the compared period */
  readonly windowSec: number;
}

export interface HashPool {
  readonly busy: number | null;
  readonly queued: number | null;
  readonly workers: number | null;
}

export interface HashSide {
  /** latency of lists at the client, measured by k6 from sending to the last byte; null if k6 requested no lists */
  readonly clientListP95Ms: number | null;
  readonly clientListP99Ms: number | null;
  /** duration of hashes */
  readonly hashP95Ms: number | null;
  /** mean rate of completed hashes */
  readonly hashesPerSec: number | null;
  /** latency of lists at the server; its clock starts with the handler, after the goroutine has waited for a processor */
  readonly listP95Ms: number | null;
  readonly listP99Ms: number | null;
  /** mean rate of 429 responses */
  readonly rejectionsPerSec: number | null;
  readonly runningNow: boolean;
  /** how long a runnable goroutine waits for a processor */
  readonly schedulerP99Ms: number | null;
  /** how long it ran within the window */
  readonly seenSec: number | null;
}

export interface History {
  readonly series: readonly Series[];
  readonly stepSec: number;
  /** Unix seconds, stepSec apart */
  readonly times: readonly number[];
}

export interface Hybrid {
  readonly at: string;
  /** share of lists whose catalog page was cached in the process */
  readonly catalogCachePct: number | null;
  /** share of deals with a card */
  readonly coveragePct: number | null;
  /** mean number of deals in a list */
  readonly dealsPerList: number | null;
  /** upstream calls of a list without the read model: 1 + 4 per deal */
  readonly fanOutClassic: number | null;
  /** upstream calls made per list, without retries; a call shared by several lists counts once */
  readonly fanOutMeasured: number | null;
  /** share of deals with a fresh card */
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
  /** components whose controls can be switched */
  readonly controlled: readonly string[];
  /** true: the caller is on another machine and no token is set, so nothing can be changed */
  readonly locked: boolean;
  /** the server's clock, to compute ages */
  readonly now: string;
  /** poll interval of the page */
  readonly pollSec: number;
  readonly prometheus: PrometheusMeta;
  /** services whose faults can be changed */
  readonly services: readonly string[];
  readonly startedAt: string;
  /** true: the caller is on another machine, so changes need Authorization: Bearer <ADMIN_TOKEN> */
  readonly tokenRequired: boolean;
  readonly version: string;
}

export interface Node {
  /** domain services only: requests that are being served */
  readonly busy: number | null;
  /** experience-api only: share of lists whose catalog page was cached in the process */
  readonly cachePct: number | null;
  /** domain services only: requests served at a time */
  readonly capacity: number | null;
  /** 0 is the leftmost */
  readonly column: number;
  /** Redis only: share of listed deals with a card */
  readonly coveredPct: number | null;
  /** queues only: jobs in the DLQ */
  readonly dead: number | null;
  /** jobs of a queue */
  readonly depth: number | null;
  /** 5xx and calls without a response; for workers: attempts that were retried or died */
  readonly failurePct: number | null;
  /** domain services only, as they report it to Prometheus; else null */
  readonly fault: FaultGauge | null;
  /** Redis only: share of listed deals with a fresh card */
  readonly hitPct: number | null;
  /** the component's name, the queue's, clients or redis */
  readonly id: string;
  readonly kind: 'client' | 'api' | 'service' | 'balancer' | 'store' | 'queue' | 'worker';
  readonly label: string;
  /** queues only: a number, "Infinity", or null */
  readonly lagSec: Seconds | null;
  /** domain services only: busy and waiting requests, in percent of the capacity; above 100 some wait; null while it is idle */
  readonly loadPct: number | null;
  /** queues only: age of the oldest pending job */
  readonly oldestSec: number | null;
  readonly p95Ms: number | null;
  /** instances that answer the scrape */
  readonly replicas: number;
  /** requests, attempts or jobs per second */
  readonly rps: number | null;
  readonly severity: Severity;
  /** instances that do not answer the scrape */
  readonly silent: number;
  /** seconds since the last of its instances started; null if it is not scraped */
  readonly startedSec: number | null;
  /** null if Prometheus does not scrape it */
  readonly up: boolean | null;
  /** domain services only: how long served requests waited for a slot */
  readonly waitP95Ms: number | null;
  /** domain services only: requests that wait for a slot */
  readonly waiting: number | null;
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
  /** in the period; seconds for an objective on time, else requests or jobs */
  readonly badEvents: number | null;
  /** 100: all of the error budget is left; negative: overspent */
  readonly budgetLeftPct: number | null;
  /** over the shortest window; at 1 the budget lasts exactly for the period */
  readonly burnRate: number | null;
  /** shortest window first */
  readonly burnRates: readonly Burn[];
  /** over the period */
  readonly deliveredPct: number | null;
  /** events or seconds; empty if totalEvents is null */
  readonly eventUnit: string;
  /** such as deals-lab-time-latency */
  readonly id: string;
  readonly name: string;
  readonly objectivePct: number;
  readonly severity: Severity;
  /** latency objectives only: an event is good if it takes at most this long */
  readonly targetMs: number | null;
  /** in the period, in the unit of badEvents */
  readonly totalEvents: number | null;
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

export interface Outside {
  /** sentences on where the two differ by more than noise; empty when they agree */
  readonly differences: readonly string[];
  /** share of requests without an answer or with a 5xx, measured outside */
  readonly errorRatePct: number | null;
  /** as the API counts it */
  readonly insideErrorRatePct: number | null;
  /** as the API measures it */
  readonly insideP95LatencyMs: number | null;
  /** measured outside */
  readonly p95LatencyMs: number | null;
  /** measured outside, of the route that has fewer */
  readonly requests: number | null;
  /** who measured: the clients of a running scenario, the dashboard's own probes, or nobody */
  readonly source: 'k6' | 'probe' | 'none';
  readonly windowSec: number;
}

export interface Page {
  readonly available: boolean;
  readonly id: PageID;
  readonly label: string;
  /** links into the page; empty unless it is available */
  readonly links: readonly LinkTemplate[];
  /** as browsers reach it; for tempo Grafana's, which shows its traces */
  readonly url: string;
}

export type PageID = 'queue-ui' | 'prometheus' | 'alertmanager' | 'tempo' | 'pyroscope' | 'grafana';

export interface Problem {
  /** stable */
  readonly code: Code;
  /** for a person */
  readonly error: string;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly warnings: readonly string[];
}

export interface PrometheusMeta {
  readonly ok: boolean;
  /** reason if not ok */
  readonly reason: string;
  /** if ok, the first answer since the last failure; else the last answer, or the start of the dashboard if there was none */
  readonly since: string;
}

export interface Queue {
  readonly completedRps: number | null;
  /** jobs in the DLQ, counted by Redis */
  readonly dead: number;
  /** the latest 20 at most */
  readonly deadJobs: readonly DeadJob[];
  readonly depth: number | null;
  readonly diedRps: number | null;
  /** from enqueueing to completion */
  readonly endToEndP95Ms: number | null;
  readonly enqueuedRps: number | null;
  /** running jobs */
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
  /** why dead jobs can't be listed, such as an unreachable Redis; else empty */
  readonly dlqNote: string;
  /** depth, lagSec, oldestSec and dead, of each queue */
  readonly history: History | null;
  readonly queues: readonly Queue[];
}

export interface ReplayBody {
  readonly all?: boolean;
  /** id of the job; exactly one of id and all must be set */
  readonly id?: string;
}

export interface Replayed {
  readonly replayed: number;
}

export interface Run {
  /** one per expectation, in the same order */
  readonly checks: readonly Check[];
  readonly elapsedSec: number;
  readonly endedAt: string | null;
  /** why the run failed */
  readonly error: string;
  readonly id: number;
  readonly intensity: number;
  /** last lines of k6's output if the run failed */
  readonly lastLines: readonly string[];
  /** empty until the run ends */
  readonly outcome: '' | 'stopped' | 'completed' | 'failed';
  readonly scenario: string;
  readonly startedAt: string;
  readonly state: 'running' | 'stopping' | 'ended';
  /** null until k6 writes it */
  readonly summary: Summary | null;
  /** thresholds of the script failed */
  readonly thresholdsFailed: boolean;
}

export interface Runs {
  /** maximum number of runs in the history */
  readonly limit: number;
  readonly markers: readonly Marker[];
  readonly runs: readonly Run[];
  /** start of the dashboard and of the history */
  readonly since: string;
}

export interface SLI {
  readonly at: string;
  /** null without traffic */
  readonly errorRatePct: number | null;
  /** series named like the fields above; null unless requested */
  readonly history: History | null;
  readonly met: Met;
  readonly outside: Outside;
  /** null without traffic */
  readonly p95LatencyMs: number | null;
  readonly queueDepth: number | null;
  /** a number, "Infinity" if jobs wait and none completes, or null */
  readonly queueLagEstimateSec: Seconds | null;
  readonly requestRateRps: number | null;
  readonly targets: Targets;
  /** null without calls; can exceed 100, because open breakers refuse calls without an attempt */
  readonly upstreamFailureRatePct: number | null;
}

export interface SLO {
  /** firing before pending, oldest first */
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
  /** duration of a run that is not stopped */
  readonly lastsSec: number;
  readonly lookFor: string;
  /** the current run, else the last one, else null */
  readonly run: Run | null;
  readonly summary: string;
}

export interface ScenarioBody {
  /** absent: toggle */
  readonly active?: boolean | null;
  /** load factor for a start, within the scenario's range */
  readonly intensity?: number | null;
}

export interface Scenarios {
  /** false without the k6 binary: no scenario can be started */
  readonly available: boolean;
  /** id of the running experiment, during which no scenario can be started; empty: none */
  readonly experiment: string;
  /** maximum number of concurrent runs */
  readonly limit: number;
  /** why scenarios are unavailable, and what to do */
  readonly reason: string;
  readonly running: number;
  readonly scenarios: readonly Scenario[];
}

export type Seconds = number | 'Infinity';

export interface Series {
  /** name of the field */
  readonly name: string;
  /** queue, service or route if several series have the name, else empty */
  readonly of: string;
  /** one value per time; null if unknown or infinite */
  readonly values: readonly (number | null)[];
}

export type Severity = 'unknown' | 'good' | 'watch' | 'bad';

export interface Summary {
  readonly averageMs: number;
  readonly failures: number;
  /** requests not sent when they were due, because every client waited for an answer */
  readonly notSent: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** share of 429 responses */
  readonly refusedPct: number;
  readonly requests: number;
  readonly rps: number;
  readonly success: number;
}

export interface Switch {
  /** when Prometheus saw it first */
  readonly at: string;
  readonly component: string;
  readonly control: string;
  /** in force from then on, without its number */
  readonly option: string;
}

export interface Switches {
  /** oldest first; at most the 100 latest */
  readonly switches: readonly Switch[];
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
  /** lower is worse */
  readonly below: boolean;
  /** kind of the node, or of the node that an edge leads to; or objective */
  readonly kind: string;
  /** name of the field */
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

export interface WhatIf {
  readonly at: string;
  /** in the period */
  readonly badEvents: number | null;
  /** 100: all of the error budget is left; negative: overspent */
  readonly budgetLeftPct: number | null;
  /** over the period; at 1 the budget lasts exactly for it */
  readonly burnRate: number | null;
  /** share of the events that took at most targetMs */
  readonly deliveredPct: number | null;
  readonly objective: string;
  readonly objectivePct: number;
  readonly periodSec: number;
  readonly targetMs: number;
  /** in the period */
  readonly totalEvents: number | null;
}
