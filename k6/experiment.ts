// The load of an experiment: streams of requests, each in the open or the closed model. lab/experiment runs it, and says what to do in LOAD.

import exec from 'k6/execution';
import type { Options, Scenario } from 'k6/options';
import { Platform, type Answer } from 'k6/x/deals';

import { platform, redis, setup as check, tenants as all } from './lib/platform.ts';
import { target } from './lib/settings.ts';
import { handleSummary, trendStats } from './lib/summary.ts';
import { cities, shuffled } from './lib/traffic.ts';

export { handleSummary };

/** Must match experiment.load in Go. */
interface Load {
  readonly seed: number;
  readonly cards: 'warm' | 'cold' | 'any';
  readonly streams: readonly Stream[];
}

interface Stream {
  readonly name: string;
  readonly call: 'list' | 'detail' | 'purchase' | 'enqueue' | 'hash-bad' | 'hash-good';
  /** Requests a second over time; empty in the closed model. */
  readonly rates: readonly { perSecond: number; seconds: number }[];
  /** Clients in the closed model, each with one request at a time. */
  readonly clients: number;
  readonly seconds: number;
  readonly patienceMs: number;
  /** Empty: all. */
  readonly tenants: readonly string[];
  readonly jobs: number;
}

const load = JSON.parse(__ENV.LOAD ?? '') as Load;
const streams = new Map(load.streams.map((stream) => [stream.name, stream]));
const clients = new Map(
  load.streams.map(({ name, patienceMs, tenants }) => [
    name,
    new Platform({ target, patienceMs, timeline: true, tenants: tenants.length > 0 ? tenants : all }),
  ]),
);

export const options: Options = {
  scenarios: Object.fromEntries(load.streams.map((stream) => [stream.name, scenario(stream)])),
  summaryTrendStats: trendStats,
  setupTimeout: '3m',
};

function scenario(stream: Stream): Scenario {
  const gracefulStop = `${stream.patienceMs + 1000}ms`;
  if (stream.clients > 0) return { executor: 'constant-vus', vus: stream.clients, duration: `${stream.seconds}s`, gracefulStop };
  const highest = Math.max(...stream.rates.map(({ perSecond }) => perSecond));
  // Enough users for all requests that can wait for an answer at a time.
  const users = Math.min(Math.max(Math.ceil((highest * (stream.patienceMs + 500)) / 1000), 1), 3000);
  return {
    executor: 'ramping-arrival-rate',
    startRate: stream.rates[0]?.perSecond ?? 0,
    timeUnit: '1s',
    stages: stream.rates.flatMap(({ perSecond, seconds }) => [
      { target: perSecond, duration: '0s' },
      { target: perSecond, duration: `${seconds}s` },
    ]),
    preAllocatedVUs: users,
    maxVUs: users,
    gracefulStop,
  };
}

/** Brings the cards of the read model to the state that the experiment asks for. */
export async function setup(): Promise<void> {
  await check();
  if (load.cards === 'any') return;
  if (redis === undefined) throw new Error(`cards: got "${load.cards}", want any: REDIS_URL is not set`);
  await redis.waitUntilDrained('enrichment-jobs', '1m');
  if (load.cards === 'cold') {
    await redis.expireCards();
    return;
  }
  for (const city of cities) await platform.enqueue({ count: 100, city });
  await redis.waitUntilDrained('enrichment-jobs', '1m');
}

export default async function (): Promise<void> {
  const { name, iterationInTest } = exec.scenario;
  const stream = streams.get(name);
  const client = clients.get(name);
  if (stream !== undefined && client !== undefined) await call(client, stream, iterationInTest);
}

/** The same iteration of the same seed asks for the same deal in every arm. */
function call(client: Platform, stream: Stream, iteration: number): Promise<Answer> {
  const pick = shuffled(load.seed, iteration);
  const dealId = `d-${(1 + (pick % 220)).toString().padStart(5, '0')}`;
  const city = cities[pick % cities.length];
  switch (stream.call) {
    case 'list':
      return client.list({ city });
    case 'detail':
      return client.detail(dealId);
    case 'purchase':
      return client.purchase({ dealId, quantity: 1 });
    case 'enqueue':
      return client.enqueue({ count: stream.jobs, city });
    case 'hash-bad':
      return client.hash('bad');
    case 'hash-good':
      return client.hash('good');
  }
}
