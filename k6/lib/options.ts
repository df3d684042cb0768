// k6 options shared by the scripts.

import type { Options, Scenario, Threshold } from 'k6/options';

import { duration, intensity } from './settings.ts';
import { trendStats } from './summary.ts';

interface More {
  readonly thresholds?: Record<string, Threshold[]>;
  readonly discardResponseBodies?: boolean;
}

/** Options of a script with one scenario. All samples, including those of setup and teardown, carry its name as a tag. */
export function options(name: string, scenario: Scenario, more: More = {}): Options {
  return {
    scenarios: { [name]: { ...scenario, gracefulStop: '5s' } },
    tags: { scenario: name },
    summaryTrendStats: trendStats,
    ...more,
  };
}

/** Open model: starts one iteration per period, whether or not earlier ones have ended. users limits the concurrent iterations. */
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

/** Open model: starts rate iterations a second, whether or not earlier ones have ended. An iteration that finds no free user is not started. */
export function perSecond(rate: number): Scenario {
  const users = Math.min(Math.max(3 * rate, 50), 2000); // enough while the platform takes up to 3 s
  return { executor: 'constant-arrival-rate', rate, timeUnit: '1s', duration, preAllocatedVUs: Math.min(users, 200), maxVUs: users };
}

/** Closed model: each user starts its next iteration when its last one ends. */
export function together(users: number): Scenario {
  return { executor: 'constant-vus', vus: users, duration };
}

/** Scales a count by the intensity; at least 1. */
export function scaled(count: number): number {
  return Math.max(1, Math.round(count * intensity));
}
