import { expect, test } from 'vitest';
import { extend } from './history';
import type { History } from './types';

const past = (times: number[]): History => ({
  stepSec: 5,
  times,
  series: [
    { name: 'depth', of: 'a', values: times.map(() => 1) },
    { name: 'depth', of: 'b', values: times.map(() => null) },
  ],
});

test('current values are appended to each series', () => {
  const after = extend(past([100, 105]), 107, { 'depth a': 3, 'depth b': 'Infinity' });
  expect(after.times).toEqual([100, 105, 107]);
  expect(after.series.map(({ values }) => values)).toEqual([
    [1, 1, 3],
    [null, null, null],
  ]);
});

test('a point at a known time is ignored', () => {
  const before = past([100, 105]);
  expect(extend(before, 105, { 'depth a': 3 })).toBe(before);
});

test('an hour of polling keeps a quarter of an hour', () => {
  let kept = past([0]);
  for (let at = 2; at <= 3600; at += 2) kept = extend(kept, at, { 'depth a': at });
  expect(kept.times.length).toBeLessThanOrEqual(451);
  expect(kept.series[0]?.values.length).toBe(kept.times.length);
  expect(kept.times[0]).toBeGreaterThanOrEqual(3600 - 900);
});

test('a history older than the span is dropped', () => {
  expect(extend(past([1, 2]), 5000, { 'depth a': 7 }).times).toEqual([5000]);
});
