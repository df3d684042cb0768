// Numbers like those of a platform under normal traffic, for tests of the page alone.

import type { Alert, BusyTraces, Capacity, DeadJob, Edge, FaultGauge, Hash, HashSide, History, Hybrid, Node, NodeHistory, ObjectiveSet, Outside, Queues, Seconds, SLI, SLO, Topology, WhatIf } from '../../src/api/types';

type Make = (t: number) => number;
type Maker = readonly [name: string, of: string, make: Make];

const noise = (seed: number, t: number): number => Math.sin(t / 37 + seed) * 0.5 + Math.sin(t / 11 + seed * 3) * 0.3 + Math.sin(t / 5 + seed * 7) * 0.2;
const wave = (base: number, swing: number, seed: number, t: number): number => Math.max(0, base + swing * noise(seed, t));
const at = (now: number): string => new Date(now * 1000).toISOString();

/** Series over 15 minutes. */
function history(now: number, makers: readonly Maker[]): History {
  const times = Array.from({ length: 181 }, (_, i) => Math.floor(now / 5) * 5 - 900 + i * 5);
  return {
    stepSec: 5,
    times,
    series: makers.map(([name, of, make]) => ({ name, of, values: times.map(make) })),
  };
}

const indicator = {
  requestRateRps: (t: number) => wave(42, 14, 1, t),
  errorRatePct: (t: number) => wave(0.3, 0.5, 2, t),
  p95LatencyMs: (t: number) => wave(240, 130, 3, t),
  upstreamFailureRatePct: (t: number) => wave(1.1, 0.9, 4, t),
  queueDepth: (t: number) => Math.round(wave(24, 60, 5, t)),
  queueLagEstimateSec: (t: number) => wave(1.2, 2, 6, t),
};

/** Clients wait longer than the API measures. */
function outside(insideErrorRatePct: number, insideP95LatencyMs: number): Outside {
  return {
    source: 'probe',
    windowSec: 60,
    requests: 12,
    errorRatePct: 0,
    p95LatencyMs: 1240,
    insideErrorRatePct,
    insideP95LatencyMs,
    differences: [`For clients the p95 is 1240 ms, for the API ${insideP95LatencyMs.toFixed(0)} ms. Requests wait before the API's clock starts.`],
  };
}

export function sli(now: number, past: boolean): SLI {
  const makers = Object.entries(indicator).map(([name, make]): Maker => [name, '', make]);
  const errorRatePct = indicator.errorRatePct(now);
  const p95LatencyMs = indicator.p95LatencyMs(now);
  const queueDepth = indicator.queueDepth(now);
  return {
    at: at(now),
    requestRateRps: indicator.requestRateRps(now),
    errorRatePct,
    p95LatencyMs,
    upstreamFailureRatePct: indicator.upstreamFailureRatePct(now),
    queueDepth,
    queueLagEstimateSec: indicator.queueLagEstimateSec(now),
    targets: { errorRatePct: 1, p95LatencyMs: 300, queueDepth: 1000 },
    outside: outside(errorRatePct, p95LatencyMs),
    met: { errorRatePct: errorRatePct < 1, p95LatencyMs: p95LatencyMs < 300, queueDepth: queueDepth < 1000 },
    history: past ? history(now, makers) : null,
  };
}

const promises: readonly (readonly [name: string, objectivePct: number, budgetLeftPct: number | null, rates: readonly number[]])[] = [
  ['availability', 99, 83.2, [0.4, 0.6, 0.5]],
  ['job-freshness', 99, 100, [0, 0, 0]],
  ['latency', 95, 21.4, [3.2, 1.4, 1.2]],
  ['purchase-completion', 99.9, -40, [18.4, 9.1, 6.4]],
  ['queue-depth', 99, null, []],
];

const latencyTargets: Readonly<Record<string, number>> = { latency: 300, 'job-freshness': 20_000 };

/** Half the target makes four times as many events bad. */
export function whatIf(now: number, id: string, targetMs: number): WhatIf {
  const set = slo(now).sets.find(({ objectives }) => objectives.some((objective) => objective.id === id));
  const objective = set?.objectives.find((one) => one.id === id);
  if (!set || !objective?.targetMs) throw new Error(`no latency objective ${id}`);
  const { objectivePct, deliveredPct, totalEvents } = objective;
  if (deliveredPct === null || totalEvents === null) throw new Error(`${id} has no events`);
  const badPct = Math.min(100, (100 - deliveredPct) * (objective.targetMs / targetMs) ** 2);
  const burnRate = badPct / (100 - objectivePct);
  return {
    at: at(now), objective: id, targetMs, objectivePct, periodSec: set.periodSec, deliveredPct: 100 - badPct,
    badEvents: (totalEvents * badPct) / 100, totalEvents, budgetLeftPct: 100 * (1 - burnRate), burnRate,
  };
}

export function slo(now: number): SLO {
  const set = (id: string, label: string, periodSec: number, windows: readonly (readonly [string, number])[]): ObjectiveSet => ({
    id,
    label,
    periodSec,
    objectives: promises.map(([name, objectivePct, budgetLeftPct, rates]) => ({
      id: `${id}-${name}`,
      name,
      objectivePct,
      targetMs: latencyTargets[name] ?? null,
      deliveredPct: budgetLeftPct === null ? null : 100 - ((100 - objectivePct) * (100 - budgetLeftPct)) / 100,
      badEvents: budgetLeftPct === null ? null : Math.round((8000 * (100 - objectivePct) * (100 - budgetLeftPct)) / 10_000),
      totalEvents: budgetLeftPct === null ? null : 8000,
      eventUnit: budgetLeftPct === null ? '' : name === 'queue-depth' ? 'seconds' : 'events',
      budgetLeftPct,
      burnRate: rates[0] ?? null,
      burnRates: rates.length === 0 ? [] : windows.map(([window, windowSec], i) => ({ window, windowSec, rate: rates[Math.min(i, 2)] ?? 0 })),
      severity: 'good',
    })),
  });
  const alert = (name: string, state: Alert['state'], severity: string, objective: string, ageSec: number, summary: string): Alert => ({
    name, state, severity, objective, component: '', ageSec, summary, set: objective ? 'deals-lab-time' : '', since: at(now - ageSec), description: '',
    runbook: `/runbooks/${name}`,
  });
  return {
    at: at(now),
    sets: [
      set('deals', '30 days', 2_592_000, [['5m', 300], ['30m', 1800], ['1h', 3600], ['2h', 7200], ['6h', 21600], ['1d', 86400], ['3d', 259200]]),
      set('deals-lab-time', 'Lab time', 3600, [['20s', 20], ['40s', 40], ['1m', 60], ['2m', 120], ['3m', 180], ['5m', 300], ['10m', 600], ['30m', 1800]]),
    ],
    alerts: [
      alert('PurchaseCompletionBudgetBurn', 'firing', 'page', 'purchase-completion', 142, 'Purchases die 18 times faster than promised.'),
      alert('LatencyBudgetBurn', 'pending', 'ticket', 'latency', 12, 'More than 5 % of the requests take over 300 ms.'),
    ],
  };
}

const services: readonly (readonly [id: string, share: number, p95: number])[] = [
  ['deal-service', 11, 120], ['price-service', 13, 230], ['inventory-service', 12, 190], ['rating-lb', 12, 310], ['merchant-service', 12, 240],
];

const noCapacity = { capacity: null, busy: null, waiting: null, loadPct: null, waitP95Ms: null };
const noLimit = { limit: null, inFlight: null, waiting: null };
const none = { rps: null, p95Ms: null, failurePct: null, depth: null, lagSec: null, hitPct: null, coveredPct: null };
const severity = (failurePct: number): 'good' | 'watch' | 'bad' => (failurePct >= 5 ? 'bad' : failurePct >= 2 ? 'watch' : 'good');

export type Slots = Pick<Capacity, 'capacity' | 'queue' | 'discipline' | 'slowAbove' | 'slowdown' | 'abandoned'>;

/** Twelve requests come to a service, whatever its capacity. */
export function served({ capacity, queue }: Slots): { readonly busy: number; readonly waiting: number } {
  const busy = Math.min(capacity, 12);
  return { busy, waiting: Math.min(queue, 12 - busy) };
}

function ofCapacity(slots: Slots | undefined): typeof noCapacity | Pick<Node, keyof typeof noCapacity> {
  if (!slots) return noCapacity;
  const { busy, waiting } = served(slots);
  return { capacity: slots.capacity, busy, waiting, loadPct: (100 * (busy + waiting)) / slots.capacity, waitP95Ms: waiting * 20 };
}

const instances: Readonly<Record<string, Partial<Node>>> = {
  'merchant-service': { replicas: 3, startedSec: 12 },
  'inventory-service': { replicas: 1, silent: 1, severity: 'watch' },
};

export function topology(now: number, faults: Readonly<Record<string, FaultGauge>>, slots: Readonly<Record<string, Slots>>): Topology {
  const node = (id: string, kind: Node['kind'], column: number, numbers: Partial<Node> = {}): Node => ({
    id, label: id, kind, column, up: kind === 'client' ? null : true, replicas: kind === 'client' ? 0 : 1, silent: 0,
    startedSec: kind === 'client' ? null : 3600, ...none,
    oldestSec: null, dead: null, cachePct: null, ...ofCapacity(slots[id]), fault: faults[id] ?? null, severity: severity(numbers.failurePct ?? 0), ...numbers,
  });
  const edge = (from: string, to: string, numbers: Partial<Edge> = {}, breaker: Edge['breaker'] = null): Edge => ({
    id: `${from}-${to}`, from, to, ...none, ...noLimit, breaker, severity: severity(numbers.failurePct ?? 0), ...numbers,
  });
  const rps = indicator.requestRateRps(now);
  const of = (id: string, share: number, p95Ms: number) => {
    const fault = faults[id];
    return { rps: rps * share, p95Ms: fault ? Math.max(p95Ms, fault.latencyMaxMs * 0.95) : p95Ms, failurePct: (fault?.failureRate ?? 0.01) * 100 };
  };
  const queue = (name: string, depth: number, lagSec: Seconds, dead: number) => node(name, 'queue', 3, { depth, lagSec, oldestSec: lagSec === 'Infinity' ? 61 : lagSec, dead, rps: 6.2 });
  const upstream = services.map(([id, share, p95]) => [id, of(id, share / 40, p95)] as const);
  return {
    at: at(now),
    nodes: [
      node('clients', 'client', 0, { rps }),
      node('experience-api', 'service', 1, { rps, p95Ms: indicator.p95LatencyMs(now), failurePct: 0.3, cachePct: 96.2 }),
      ...upstream.map(([id, numbers]) => node(id, id === 'rating-lb' ? 'balancer' : 'service', 2, { ...numbers, ...(instances[id] ?? {}) })),
      node('redis', 'store', 2, { hitPct: 91.4, coveredPct: 98.1 }),
      node('rating-service-a', 'service', 3, of('rating-service-a', 0.16, 300)),
      node('rating-service-b', 'service', 3, of('rating-service-b', 0.15, 305)),
      queue('enrichment-jobs', indicator.queueDepth(now), 1.4, 0),
      queue('critical-jobs', 3, 'Infinity', 2),
      node('enrichment-worker', 'worker', 4, { rps: 6.1, p95Ms: 340, failurePct: 4.1, severity: 'watch' }),
      node('critical-worker', 'worker', 4, { rps: 1.3, p95Ms: 210, failurePct: 14.8, severity: 'bad' }),
    ],
    edges: [
      edge('clients', 'experience-api', { rps, p95Ms: 240, failurePct: 0.3 }),
      ...upstream.map(([id, numbers]) => edge('experience-api', id, { ...numbers, limit: 14.2, inFlight: 12, waiting: 0 }, faults[id]?.blackhole ? 'open' : 'closed')),
      edge('experience-api', 'redis', { hitPct: 91.4 }),
      edge('rating-lb', 'rating-service-a', of('rating-service-a', 0.16, 300)),
      edge('rating-lb', 'rating-service-b', of('rating-service-b', 0.15, 305)),
      edge('redis', 'enrichment-jobs', { rps: 6.2 }),
      edge('redis', 'critical-jobs', { rps: 1.3 }),
      edge('enrichment-jobs', 'enrichment-worker', { rps: 6.1, failurePct: 4.1 }),
      edge('enrichment-worker', 'price-service', { rps: 6.1, p95Ms: 240, failurePct: 1.5, limit: 138, inFlight: 2, waiting: 0 }, 'closed'),
      edge('critical-jobs', 'critical-worker', { rps: 1.3, failurePct: 14.8 }),
    ],
    thresholds: [
      { number: 'failurePct', kind: '', watch: 2, bad: 5, below: false, why: 'Half of what the retry budget can hide, and more than it can.' },
      { number: 'p95Ms', kind: '', watch: 300, bad: 800, below: false, why: 'The latency objective, and the timeout of an attempt.' },
      { number: 'loadPct', kind: 'service', watch: 100, bad: 200, below: false, why: 'Above 100 % requests wait for a slot.' },
      { number: 'depth', kind: 'queue', watch: 500, bad: 1000, below: false, why: 'The threshold of admission.' },
      { number: 'hitPct', kind: 'store', watch: 80, bad: 50, below: true, why: 'Below, lists fall back to live calls.' },
    ],
  };
}

export function nodeHistory(now: number, id: string): NodeHistory {
  const queue = id.endsWith('-jobs');
  const makers: readonly Maker[] = queue
    ? [['depth', id, indicator.queueDepth], ['lagSec', id, indicator.queueLagEstimateSec]]
    : [['rps', id, indicator.requestRateRps], ['p95Ms', id, indicator.p95LatencyMs], ['failurePct', id, indicator.upstreamFailureRatePct]];
  return { id, history: history(now, makers) };
}

export function hybrid(now: number, past: boolean, readModel: boolean): Hybrid {
  if (!readModel) return withoutReadModel(now);
  const numbers = {
    listRps: (t: number) => wave(30, 10, 9, t),
    dealsPerList: () => 6.2,
    freshHitPct: (t: number) => Math.min(100, wave(91, 6, 10, t)),
    coveragePct: (t: number) => Math.min(100, wave(97, 3, 11, t)),
    catalogCachePct: (t: number) => Math.min(100, wave(95, 4, 12, t)),
    liveFallbackPerRequest: (t: number) => wave(0.12, 0.1, 13, t),
    fanOutClassic: () => 25.8,
    fanOutMeasured: (t: number) => wave(0.6, 0.5, 15, t),
    reductionPct: (t: number) => 100 - wave(2.4, 2, 15, t),
    p95Ms: (t: number) => wave(60, 50, 16, t),
  };
  const outcome = (name: string, rps: number) => ({ outcome: name, rps, perRequest: rps / 30 });
  return {
    at: at(now),
    listRps: numbers.listRps(now),
    dealsPerList: numbers.dealsPerList(),
    freshHitPct: numbers.freshHitPct(now),
    coveragePct: numbers.coveragePct(now),
    catalogCachePct: numbers.catalogCachePct(now),
    liveFallbackPerRequest: numbers.liveFallbackPerRequest(now),
    fanOutClassic: numbers.fanOutClassic(),
    fanOutMeasured: numbers.fanOutMeasured(now),
    reductionPct: numbers.reductionPct(now),
    p95Ms: numbers.p95Ms(now),
    outcomes: [outcome('hit', 165), outcome('stale', 12), outcome('miss', 4), outcome('live_fallback', 3.6), outcome('refresh_enqueued', 6)],
    history: past ? history(now, Object.entries(numbers).map(([name, make]): Maker => [name, '', make])) : null,
  };
}

/** With the read model off every deal of a list is composed live, so there are no numbers of cards. */
function withoutReadModel(now: number): Hybrid {
  const rps = 316;
  return {
    at: at(now), listRps: rps, dealsPerList: 6, freshHitPct: null, coveragePct: null, catalogCachePct: 95, liveFallbackPerRequest: null,
    fanOutClassic: 25, fanOutMeasured: 24.1, reductionPct: 3.6, p95Ms: 640, history: null,
    outcomes: [{ outcome: 'bypass', rps: rps * 6, perRequest: 6 }, ...['hit', 'stale', 'miss', 'live_fallback', 'refresh_enqueued'].map((outcome) => ({ outcome, rps: null, perRequest: null }))],
  };
}

export function hash(now: number, past: boolean, runs: ReadonlySet<string>): Hash {
  const bad = '/api/heavy-hash/bad';
  const good = '/api/heavy-hash/good';
  const makers: readonly Maker[] = [
    ['clientListP95Ms', '', (t) => wave(480, 440, 20, t)], ['clientListP99Ms', '', (t) => wave(1040, 800, 20, t)],
    ['listP95Ms', '', (t) => wave(120, 110, 20, t)], ['listP99Ms', '', (t) => wave(260, 200, 20, t)], ['schedulerP99Ms', '', (t) => wave(40, 45, 20, t)],
    ['hashesPerSec', bad, (t) => wave(3, 5, 20, t)], ['hashesPerSec', good, (t) => wave(2, 4, 23, t)], ['rejectionsPerSec', good, (t) => wave(0.2, 1, 23, t)],
  ];
  type Numbers = readonly [listP95Ms: number, listP99Ms: number, schedulerP99Ms: number, hashesPerSec: number | null, rejectionsPerSec: number | null, hashP95Ms: number | null];
  const side = (runningNow: boolean, seenSec: number, [listP95Ms, listP99Ms, schedulerP99Ms, hashesPerSec, rejectionsPerSec, hashP95Ms]: Numbers): HashSide => ({
    runningNow, seenSec, clientListP95Ms: listP95Ms * 4, clientListP99Ms: listP99Ms * 4, listP95Ms, listP99Ms, schedulerP99Ms, hashesPerSec, rejectionsPerSec, hashP95Ms,
  });
  return {
    at: at(now), windowSec: 900,
    bad: side(runs.has('hash-bad'), 210, [212, 486, 112, 7.4, 0, 1340]),
    good: side(runs.has('hash-good'), 190, [24, 61, 0.8, 6.9, 1.4, 1720]),
    idle: side(false, 500, [18, 47, 0.4, null, null, null]),
    pool: { workers: 2, busy: 1, queued: 3 },
    history: past ? history(now, makers) : null,
  };
}

export type Dead = Readonly<Record<'enrichment-jobs' | 'critical-jobs', readonly DeadJob[]>>;

export function queues(now: number, past: boolean, dead: Dead): Queues {
  const depth = { 'enrichment-jobs': (t: number) => Math.round(wave(40, 48, 30, t)), 'critical-jobs': (t: number) => Math.round(wave(5, 6, 40, t)) };
  const make = (name: keyof Dead, seed: number): Maker[] => [
    ['depth', name, depth[name]],
    ['lagSec', name, (t) => wave(1.2, 1.4, seed, t)],
    ['oldestSec', name, (t) => wave(2, 1.6, seed, t)],
    ['dead', name, () => dead[name].length],
    ['enqueuedRps', name, (t) => wave(6, 4, seed + 1, t)],
    ['completedRps', name, (t) => wave(6, 4, seed, t)],
  ];
  const queue = (name: keyof Dead, lagSec: Seconds) => ({
    name, depth: depth[name](now), lagSec, oldestSec: 3.2, enqueuedRps: 6.2, completedRps: 6.1, retriedRps: 0.3, diedRps: 0,
    refusedRps: 0, inFlight: 3, endToEndP95Ms: 820, paused: false, dead: dead[name].length, deadJobs: dead[name],
  });
  return {
    at: at(now),
    queues: [queue('enrichment-jobs', 1.4), queue('critical-jobs', 'Infinity')],
    dlqNote: '',
    history: past ? history(now, [...make('enrichment-jobs', 30), ...make('critical-jobs', 40)]) : null,
  };
}

export function deadJob(now: number, id: string, failedStep: string, lastError: string): DeadJob {
  return { id, failedStep, lastError, attempts: 4, enqueuedAt: at(now - 300), diedAt: at(now - 190), replayedAt: null, traceId: '4bf92f3577b34da6a3ce929d0e0e4736' };
}

export function busyTraces(now: number): BusyTraces {
  return {
    at: at(now),
    windowSec: 900,
    traces: [
      { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', span: 'POST /api/heavy-hash/bad', cpuMs: 1230, at: at(now - 40) },
      { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', span: 'GET /api/deals', cpuMs: 10, at: at(now - 200) },
    ],
  };
}
