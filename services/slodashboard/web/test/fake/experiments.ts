// The experiments of the fake back end. They run nothing: a test moves a run on.

import type { ExperimentBody, ExperimentCard, ExperimentChart, ExperimentDetail, ExperimentResult, ExperimentRun, ExperimentVerdict, Experiments as All } from '../../src/api/types';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export const reports = '/api/experiments/reports/';

const card: ExperimentCard = {
  id: 'breaker', title: 'A circuit breaker', takesSec: 432, lengthSec: 60, last: null,
  question: 'Prices do not answer at all for half a minute. What do the readers of details notice, with a circuit breaker and without one?',
};
const other: ExperimentCard = { ...card, id: 'retry-storm', title: 'A retry storm', question: 'A service has a third of its capacity for a moment. Does the platform recover?' };

const texts: ExperimentDetail = {
  ...card,
  mirrors: [{ text: 'Michael Nygard: Release It!', url: '' }, { text: 'Martin Fowler: CircuitBreaker', url: 'https://martinfowler.com/bliki/CircuitBreaker.html' }],
  code: [{ file: 'internal/upstream/breaker.go', function: 'newBreaker', what: 'when calls are refused without being sent' }],
  setup: ['experience-api: read-model is off'],
  arms: [{ id: 'off', label: 'No breaker', set: ['experience-api: breaker is off'] }, { id: 'on', label: 'Breaker', set: [] }],
  streams: ['details: detail at 30 per second for 1m'],
  disturbed: [{ text: 'price-service does not answer', atSec: 10, forSec: 30 }],
  promises: [
    { key: 'p95/off/on', text: 'Without a breaker the p95 is at least five times as high.', bound: 'at least 5 times', above: true, value: 5, quickValue: 2, unit: 'times' },
    { key: 'after/on', text: 'With a breaker answers are complete again within 10 s of the end.', bound: 'at least 95 %', above: true, value: 0.95, quickValue: 0.85, unit: 'ratio' },
  ],
  components: ['experience-api', 'price-service'],
  predictions: [
    { id: 'p95', text: 'By how much is the p95 of details higher without a breaker?', choices: ['hardly', 'about twice', 'five times and more'], answer: 2, slider: null, why: 'Each detail waits for the timeout of its price.' },
    { id: 'after', text: 'How soon are answers complete again?', choices: ['within 10 s', 'within a minute', 'never'], answer: 0, slider: null, why: 'A breaker tries a few calls after a pause.' },
    {
      id: 'p95-ms', text: 'What is the p95 without a breaker?', choices: [], answer: 0, why: 'It is the timeout of two attempts.',
      slider: { min: 0, max: 4000, step: 100, unit: 'ms', answer: 2000, tolerance: 300 },
    },
  ],
  explanation: '<p>While an upstream does not answer, every call to it takes as long as the caller is willing to wait.</p>',
  verdicts: [], result: null, replay: false, missing: '',
};

const alerting: ExperimentCard = { ...card, id: 'alerting', title: 'Alerts', takesSec: 6, lengthSec: 4080, question: 'Who is paged, and how often for nothing?' };

const replay: ExperimentDetail = {
  ...texts, ...alerting,
  replay: true, setup: [], components: [],
  arms: [{ id: 'static', label: 'Threshold', set: ['pages on errors / requests > 0.05'] }, { id: 'burn', label: 'Burn rate', set: ["pages by the platform's rules"] }],
  streams: ['the samples of lab/experiments/alerting.txt, 1h8m long, replayed'],
  disturbed: [{ text: 'half of all requests fail', atSec: 3600, forSec: 300 }],
  promises: [{ key: 'false-pages/burn', text: 'The burn rate pages for no blip.', bound: 'at most 0', above: false, value: 0, quickValue: 0, unit: 'count' }],
  predictions: [{ id: 'pages', text: 'For how many blips does the threshold page?', choices: ['for none', 'for all'], answer: 1, slider: null, why: 'A blip stays in its window for a minute.' }],
};

/** The result of the replay: a blip after 430 s, for which only the threshold pages, and the fault. */
function replayed(verdict: ExperimentVerdict): ExperimentResult {
  const errorRatio = Array.from({ length: 2040 }, (_, i) => (i >= 1800 && i < 1950 ? 0.5 : i === 215 || i === 216 ? 1 : 0));
  return {
    ...verdict, lengthSec: 4080, seed: 1, processors: 2, system: 'linux/amd64', version: 'fake', charts: [], answers: [],
    replay: {
      sampleSec: 2, errorRatio,
      pages: [{ arm: 'static', fromSec: 436, toSec: 492 }, { arm: 'static', fromSec: 3608, toSec: 3956 }, { arm: 'burn', fromSec: 3640, toSec: 3996 }],
    },
    promises: [{ text: 'The burn rate pages for no blip.', bound: 'at most 0', measured: '0', outcome: 'met', overlap: false }],
    table: [
      { id: 'false-pages', text: 'Pages before the fault', unit: 'count', ratio: null, overlap: false, arms: [{ arm: 'static', median: 1, least: 1, most: 1 }, { arm: 'burn', median: 0, least: 0, most: 0 }] },
      { id: 'time-to-page', text: 'From the start of the fault to the page', unit: 's', ratio: 0.2, overlap: false, arms: [{ arm: 'static', median: 8, least: 8, most: 8 }, { arm: 'burn', median: 40, least: 40, most: 40 }] },
    ],
  };
}

function chart(arm: string, round: number, seconds: number): ExperimentChart {
  const times = Array.from({ length: seconds }, (_, i) => i);
  const broken = (t: number): boolean => t >= 10 && t < 40;
  return {
    arm, round, stream: 'details',
    due: times.map(() => 30),
    good: times.map((t) => (broken(t) ? 0 : 29 + (t % 3) * 0.5)),
    refused: times.map(() => 0),
    p95Ms: times.map((t) => (broken(t) && arm === 'off' ? 1900 + round * 40 : 210 + (t % 5) * 9)),
  };
}

export class Experiments {
  available = true;
  /** Of the API's list, the current or the last one. */
  run: Mutable<ExperimentRun> | null = null;
  #verdicts: readonly ExperimentVerdict[] = [];
  #result: ExperimentResult | null = null;
  #replayed: ExperimentResult | null = null;
  #body: ExperimentBody = {};
  /** Why the replay can't be started. */
  missing = '';

  start(experiment: string, body: ExperimentBody): ExperimentRun {
    this.#body = body;
    this.run = {
      experiment, state: 'running', startedAt: new Date().toISOString(), endedAt: null, error: '', arm: 'off', round: 1, rounds: body.repeats ?? 3,
      phase: 'settling', elapsedSec: 0, lengthSec: body.quick ? 30 : 60, leftSec: 400, disturbed: '', charts: [],
    };
    return this.run;
  }

  /** The current round is in its load. */
  load(): void {
    Object.assign(this.run ?? {}, { phase: 'loading', elapsedSec: 20, disturbed: 'price-service does not answer', charts: [chart('off', 1, 20)] });
  }

  stop(): void {
    if (this.run) Object.assign(this.run, { state: 'stopped', endedAt: new Date().toISOString() });
  }

  fail(error: string): void {
    if (this.run) Object.assign(this.run, { state: 'failed', endedAt: new Date().toISOString(), error });
  }

  /** The current run, of the replay, tries an alert. */
  replay(): void {
    Object.assign(this.run ?? {}, { phase: 'replaying', arm: 'static', rounds: 1, lengthSec: 4080 });
  }

  /** The current run, of the replay, ends with a verdict. */
  finishReplay(): void {
    if (!this.run) return;
    const endedAt = new Date().toISOString();
    const run = '20260102-030400-alerting';
    Object.assign(this.run, { state: 'done', endedAt });
    this.#replayed = replayed({ run, endedAt, repeats: 1, quick: false, arm: '', met: 1, of: 1, report: `${reports}${run}.html` });
  }

  /** The current run ends with a verdict. */
  finish(): void {
    if (!this.run) return;
    const endedAt = new Date().toISOString();
    const { repeats, quick = false, arm = '' } = this.#body;
    const run = `20260102-03040${this.#verdicts.length}-breaker`;
    const verdict: ExperimentVerdict = { run, endedAt, repeats: repeats ?? 3, quick, arm, met: 1, of: 2, report: `${reports}${run}.html` };
    const charts = Array.from({ length: verdict.repeats }, (_, i) => ['off', 'on'].map((each) => chart(each, i + 1, 60))).flat();
    Object.assign(this.run, { state: 'done', endedAt, charts });
    this.#verdicts = [verdict, ...this.#verdicts];
    this.#result = {
      ...verdict, replay: null, lengthSec: 60, seed: 1, processors: 2, system: 'linux/amd64', version: 'fake', charts,
      answers: [{ question: 'p95-ms', measured: arm === 'on' ? null : 1940 }],
      promises: [
        { text: texts.promises[0]?.text ?? '', bound: 'at least 5 times', measured: '8.3 times', outcome: 'met', overlap: false },
        { text: texts.promises[1]?.text ?? '', bound: 'at least 95 %', measured: '91 %', outcome: 'not met', overlap: true },
      ],
      table: [
        { id: 'p95', text: 'p95 of details while prices do not answer', unit: 'ms', ratio: 8.3, overlap: false, arms: [{ arm: 'off', median: 1940, least: 1910, most: 2010 }, { arm: 'on', median: 234, least: 221, most: 246 }] },
        { id: 'after', text: 'Complete answers from 10 s after the end', unit: 'ratio', ratio: 1.01, overlap: true, arms: [{ arm: 'off', median: 0.92, least: 0.9, most: 0.93 }, { arm: 'on', median: 0.91, least: 0.89, most: 0.93 }] },
      ],
    };
  }

  all(): All {
    const last = this.#verdicts[0] ?? null;
    return { available: this.available, reason: this.available ? '' : 'k6 is not there: make build builds it', run: this.run, experiments: [{ ...card, last }, other, { ...alerting, last: this.#replayed }] };
  }

  detail(id: string): ExperimentDetail | undefined {
    if (id === other.id) return { ...texts, ...other };
    const result = this.#replayed;
    if (id === alerting.id) return { ...replay, missing: this.missing, last: result, verdicts: result ? [result] : [], result };
    return id === card.id ? { ...texts, last: this.#verdicts[0] ?? null, verdicts: this.#verdicts, result: this.#result } : undefined;
  }
}
