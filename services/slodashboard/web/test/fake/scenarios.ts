// The scenarios of the fake back end. They start no process.

import type { Marker, Run, Runs, Scenario, Scenarios as All } from '../../src/api/types';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const texts: readonly (readonly [id: string, label: string, summary: string, lookFor: string])[] = [
  ['normal', 'Normal traffic', 'Every 0.7 s a visitor reads a list of 6 deals and the detail of one; every fourth of them buys.', 'Few errors, a p95 of a few hundred milliseconds, queues that are as good as empty.'],
  ['spike', 'Traffic spike', 'Every 0.28 s a burst of 14 lists at once, on a read model that has just been emptied.', 'The p95 of the lists jumps and answers are degraded; then both fade although the bursts go on.'],
  ['chaotic', 'Chaos of everything', 'Every 1.7 s something else, at random: lists, details, purchases, bursts of jobs, hashes.', 'Latency, errors and the depth of the queues move together.'],
  ['high-throughput', 'High throughput', '200 visitors read lists, each the next one as soon as it has the last.', 'Requests a second high, calls to the services low; where it bends.'],
  ['enqueue-10k', '10,000 jobs', 'Every 8 s a request for 10,000 enrichment jobs.', 'Depth and lag grow, then batches are refused with 429.'],
  ['hash-bad', 'Hashes, bad', 'Every 5 s as many hashes at once as four times the cores, each on its request’s goroutine.', 'Lists become slow; goroutines wait for a processor.'],
  ['hash-good', 'Hashes, good', 'The same hashes, done by the bounded pool.', 'Lists stay quick; some hashes are refused.'],
];

export class Scenarios {
  readonly #active = new Map<string, Mutable<Run>>();
  readonly #runs: Mutable<Run>[] = [];
  readonly #markers: Marker[] = [];
  readonly #since = new Date().toISOString();
  limit = 4;
  /** The running experiment, which pauses all scenarios. */
  experiment = '';

  constructor() {
    this.set('normal', true);
    this.set('spike', true, 2);
    this.set('spike', false);
    Object.assign(this.#runs[0] ?? {}, { outcome: 'failed', error: 'k6 ended with code 107', lastLines: ['ERRO[0001] TypeError: Cannot read property of undefined', '  at default (file:///scenarios/spike.ts:12:3)'], summary: null });
    for (const [seconds, kind] of [[420, 'start'], [260, 'stop'], [200, 'start']] as const)
      this.#markers.push({ at: new Date(Date.now() - seconds * 1000).toISOString(), scenario: 'spike', label: 'Traffic spike', kind });
  }

  get running(): ReadonlySet<string> {
    return new Set(this.#active.keys());
  }

  has(id: string): boolean {
    return texts.some(([name]) => name === id);
  }

  /** Starts or stops a scenario. It toggles if active is undefined. */
  set(id: string, active = !this.#active.has(id), intensity = 1): void {
    const now = new Date().toISOString();
    const label = texts.find(([name]) => name === id)?.[1] ?? id;
    if (!active) {
      const run = this.#active.get(id);
      this.#active.delete(id);
      if (run) {
        Object.assign(run, { state: 'ended', outcome: 'stopped', endedAt: now, summary: { requests: 1204, success: 1198, failures: 6, notSent: 0, rps: 41.2, averageMs: 84, refusedPct: 1.9, p50Ms: 61, p95Ms: 231, p99Ms: 402 } });
        this.#markers.push({ at: now, scenario: id, label, kind: 'stop' });
      }
      return;
    }
    const run: Mutable<Run> = { id: this.#runs.length + 1, scenario: id, state: 'running', outcome: '', intensity, startedAt: now, endedAt: null, elapsedSec: 0, error: '', lastLines: [], summary: null, thresholdsFailed: false, checks: [] };
    this.#active.set(id, run);
    this.#runs.unshift(run);
    this.#markers.push({ at: now, scenario: id, label, kind: 'start' });
  }

  #live(run: Run): Run {
    const elapsedSec = ((run.endedAt ? Date.parse(run.endedAt) : Date.now()) - Date.parse(run.startedAt)) / 1000;
    const met = elapsedSec > 1.5;
    return {
      ...run,
      elapsedSec,
      checks: [
        { id: 'traffic', state: met ? 'met' : 'pending', value: 41.7, metAt: met ? new Date(Date.parse(run.startedAt) + 1500).toISOString() : null, lostAt: null, note: '' },
        { id: 'jump', state: met ? 'lost' : 'pending', value: met ? 0.2 : null, metAt: met ? run.startedAt : null, lostAt: met ? run.startedAt : null, note: '' },
      ],
    };
  }

  describe(id: string): Scenario {
    const [, label, summary, lookFor] = texts.find(([name]) => name === id) ?? [id, id, '', ''];
    const run = this.#active.get(id) ?? this.#runs.find((each) => each.scenario === id);
    return {
      id, label, summary, explanation: `${summary} That is what it does, at length.`, lookFor, default: id === 'normal', intensity: { min: 0.5, default: 1, max: 5 }, lastsSec: 3600,
      expectations: [
        { id: 'traffic', text: 'Requests come in.', query: 'sum(rate(x[10s]))', above: 15, below: null, withinSec: 15, forSec: 0, recoversWithinSec: 0 },
        { id: 'jump', text: 'The p95 of the lists jumps over 300 ms.', query: 'histogram_quantile(0.95, x)', above: 0.3, below: null, withinSec: 15, forSec: 0, recoversWithinSec: 0 },
      ],
      active: this.#active.has(id), run: run ? this.#live(run) : null,
    };
  }

  all(): All {
    return { available: true, reason: '', experiment: this.experiment, running: this.#active.size, limit: this.limit, scenarios: texts.map(([id]) => this.describe(id)) };
  }

  history(): Runs {
    return { since: this.#since, limit: 100, runs: this.#runs.map((run) => this.#live(run)), markers: this.#markers };
  }
}
