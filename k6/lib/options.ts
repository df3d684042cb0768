// Options of k6 that the scripts have in common.

import type { Options, Scenario, Threshold } from 'k6/options';

import { duration, intensity } from './settings.ts';
import { trendStats } from './summary.ts';

interface More {
  readonly thresholds?: Record<string, Threshold[]>;
  readonly discardResponseBodies?: boolean;
}

/** Options of a script that runs one scenario, by whose name all its samples are tagged, those of setup and teardown too. */
export function options(name: string, scenario: Scenario, more: More = {}): Options {
  return {
    scenarios: { [name]: { ...scenario, gracefulStop: '5s' } },
    tags: { scenario: name },
    summaryTrendStats: trendStats,
    ...more,
  };
}

/** One round in so many seconds, whether the rounds before have ended or not: an open model. users is how many rounds may be under way. */
export function every(seconds: number, users: number): Scenario {
  return {
    executor: 'constant-arrival-rate',
    rate: 1,
    timeUnit: `${Math.round(seconds * 1000)}ms`,
    duration,
    preAllocatedVUs: Math.ceil(users / 4),
    maxVUs: users,
  };
}

/** So many users, each with the next round as soon as the last has ended: a closed model. */
export function together(users: number): Scenario {
  return { executor: 'constant-vus', vus: users, duration };
}

/** So many of something at the intensity asked for; at least one. */
export function scaled(count: number): number {
  return Math.max(1, Math.round(count * intensity));
}
