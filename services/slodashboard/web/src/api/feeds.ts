// All feeds of the page: one for each endpoint, shared by all its users.

import { setServerTime } from '../lib/now';
import { call } from './client';
import { Feed } from './feed';
import { type Present, historyFeed, seriesKey, span } from './history';
import type { BusyTraces, Capacity, Controls, ExperimentDetail, Experiments, Fault, Flame, Hash, Hybrid, Links, Meta, NodeHistory, Queues, Runs, SLI, SLO, Scenarios, Switches, Topology } from './types';

export const sli = historyFeed<SLI>('/api/sli', 15, (now) => ({
  requestRateRps: now.requestRateRps,
  errorRatePct: now.errorRatePct,
  p95LatencyMs: now.p95LatencyMs,
  upstreamFailureRatePct: now.upstreamFailureRatePct,
  queueDepth: now.queueDepth,
  queueLagEstimateSec: now.queueLagEstimateSec,
}));

export const hybrid = historyFeed<Hybrid>('/api/hybrid', 15, ({ history: _, outcomes: __, at: ___, ...now }) => now);

export const queues = historyFeed<Queues>('/api/queues', 15, ({ queues: all }) => {
  const present: Record<string, Present[string]> = {};
  for (const queue of all) {
    present[seriesKey('depth', queue.name)] = queue.depth;
    present[seriesKey('lagSec', queue.name)] = queue.lagSec;
    present[seriesKey('oldestSec', queue.name)] = queue.oldestSec;
    present[seriesKey('dead', queue.name)] = queue.dead;
    present[seriesKey('enqueuedRps', queue.name)] = queue.enqueuedRps;
    present[seriesKey('completedRps', queue.name)] = queue.completedRps;
  }
  return present;
});

export const hash = historyFeed<Hash>('/api/hash', 5);
export const slo = new Feed<SLO>('/api/slo', 2);
export const topology = new Feed<Topology>('/api/topology');
/** The graph for a still picture, whose numbers may be old. */
export const stillTopology = new Feed<Topology>('/api/topology', 15);
export const scenarios = new Feed<Scenarios>('/api/scenarios');
export const runs = new Feed<Runs>('/api/scenarios/history', 2);
export const switches = new Feed<Switches>('/api/switches', 2);
export const experiments = new Feed<Experiments>('/api/experiments');
export const flame = new Feed<Flame>('/api/flame');
export const links = new Feed<Links>('/api/links', 10);
export const meta = new Feed<Meta>('/api/meta', 5, async (signal) => {
  const answer = await call<Meta>('/api/meta', { signal });
  setServerTime(answer.now);
  return answer;
});

/** Returns a function from an id to its feed. It keeps the latest feed only. */
function oneAtATime<T>(pathOf: (id: string) => string, every: number, query = ''): (id: string) => Feed<T> {
  let feed: Feed<T> | undefined;
  return (id) => {
    const path = pathOf(encodeURIComponent(id));
    if (feed?.path !== path) feed = new Feed<T>(path, every, (signal) => call(path + query, { signal }));
    return feed;
  };
}

export const experimentFeed = oneAtATime<ExperimentDetail>((id) => `/api/experiments/${id}`, 5);
export const nodeFeed = oneAtATime<NodeHistory>((id) => `/api/topology/${id}`, 3, `?history=${span}`);
export const faultFeed = oneAtATime<Fault>((id) => `/api/faults/${id}`, 1);
export const capacityFeed = oneAtATime<Capacity>((id) => `/api/capacity/${id}`, 1);
export const controlsFeed = oneAtATime<Controls>((id) => `/api/controls/${id}`, 1);
export const busyFeed = oneAtATime<BusyTraces>((id) => `/api/topology/${id}/traces`, 8);
