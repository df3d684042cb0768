import { describe, expect, test } from 'vitest';
import { type ChartData, merge, pick, placeTexts, sayTime, summarize, timeRange, valueRange } from './model';

const chart = (times: number[], values: (number | null)[]): ChartData => ({ times, lines: [{ label: 'p95', color: 'blue', values }] });

describe('timeRange', () => {
  test('is a quarter of an hour', () => expect(timeRange(chart([0, 5000], [1, 1]))).toEqual([4100, 5000]));
  test('begins at the first value', () => expect(timeRange(chart([0, 100, 1000], [null, 1, 1]))).toEqual([100, 1000]));
  test('is at least a minute', () => expect(timeRange(chart([995, 1000], [1, 1]))).toEqual([940, 1000]));
  test('without values is a quarter of an hour', () => expect(timeRange(chart([1000], [null]))).toEqual([100, 1000]));
});

describe('valueRange', () => {
  test('begins at zero and has a margin', () => expect(valueRange(100, undefined)).toEqual([0, 100 * 1.15]));
  test('includes the target if values come near it', () => expect(valueRange(200, 300)).toEqual([0, 300 * 1.12]));
  test('excludes a far target', () => expect(valueRange(20, 1000)[1]).toBeLessThan(30));
  test.each([null, undefined, 0, Number.NaN])('of %s', (highest) => expect(valueRange(highest, undefined)).toEqual([0, 1]));
});

test('a summary has a sentence for each line', () => {
  expect(summarize(chart([1, 2, 3], [100, null, 240]), 'ms')).toBe('p95: now 240\u202fms, between 100\u202fms and 240\u202fms.');
  expect(summarize(chart([1], [null]), 'ms')).toBe('p95: no data.');
});

test('a table has the newest samples, up to a limit', () => {
  expect(pick(4, 15)).toEqual([3, 2, 1, 0]);
  expect(pick(181, 15)).toHaveLength(14);
  expect(pick(181, 15)[0]).toBe(180);
});

test('labels of markers do not overlap', () => {
  const texts = [
    { x: 0, width: 50 },
    { x: 20, width: 50 },
    { x: 90, width: 0 },
    { x: 95, width: 40 },
  ];
  expect(placeTexts(texts, 100, 8)).toEqual([0, undefined, undefined, 60]);
});

describe('a span', () => {
  const line = (label: string, ...values: (number | null)[]) => ({ label, color: 'blue', values });
  const data: ChartData = {
    times: [0, 1, 2],
    lines: [line('off', 1, 5, null), line('on', 1, 1, 1), line('off', 3, 6, null), line('off', 2, null, null)],
    span: { lengthSec: 60, shades: [] },
  };
  test('is shown whole, in seconds', () => {
    expect(timeRange(data)).toEqual([0, 60]);
    expect(sayTime(data, 12)).toBe('12\u202fs');
  });
  test('has the medians of repetitions', () => {
    expect(merge(data)).toEqual({ ...data, lines: [line('off', 2, 5.5, null), line('on', 1, 1, 1)] });
  });
  test('has no present', () => {
    expect(summarize(merge(data), 'ms')).toBe('off: between 2.0\u202fms and 5.5\u202fms. on: between 1.0\u202fms and 1.0\u202fms.');
  });
});

test('lines with labels of their own are left as they are', () => {
  const data = chart([1, 2], [1, 2]);
  expect(merge(data)).toBe(data);
});
