// The rows of the comparison.

import type { HashSide } from '../api/types';
import type { Unit } from '../lib/format';

export interface Row {
  readonly label: string;
  readonly about: string;
  readonly unit: Unit;
  readonly of: (side: HashSide) => number | null;
}

export const rows: readonly Row[] = [
  { label: 'List p95, client', about: 'from sending to the last byte, measured by k6', unit: 'ms', of: (side) => side.clientListP95Ms },
  { label: 'List p99, client', about: 'the slowest 1% of the lists', unit: 'ms', of: (side) => side.clientListP99Ms },
  { label: 'List p95, server', about: 'from the start of the handler', unit: 'ms', of: (side) => side.listP95Ms },
  { label: 'List p99, server', about: 'without the wait for a processor', unit: 'ms', of: (side) => side.listP99Ms },
  { label: 'Scheduler latency p99', about: 'a ready goroutine’s wait for a processor', unit: 'ms', of: (side) => side.schedulerP99Ms },
  { label: 'Hashes done', about: 'throughput', unit: 'perSecond', of: (side) => side.hashesPerSec },
  { label: 'Refused with 429', about: 'the pool’s queue was full', unit: 'perSecond', of: (side) => side.rejectionsPerSec },
  { label: 'Hash p95', about: 'duration of a hash request', unit: 'ms', of: (side) => side.hashP95Ms },
];

/** Returns the width of a value's bar in percent of the widest one. */
export function width(value: number | null, values: readonly (number | null)[]): number {
  const most = Math.max(0, ...values.map((each) => each ?? 0));
  return value === null || most === 0 ? 0 : (value / most) * 100;
}
