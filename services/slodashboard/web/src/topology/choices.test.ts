import { describe, expect, test } from 'vitest';
import * as capacities from './capacity-draft';
import { problem, toChange, toDraft } from './fault-draft';
import { severityOfLoad } from './numbers';
import { isOwn, nodeColor } from './palette';

describe('palette', () => {
  test('says how things are', () => expect(nodeColor('price-service', 'bad', 'severity', {})).toBe('bad'));
  test('or what a person likes', () => expect(nodeColor('price-service', 'bad', 'own', { 'price-service': 'pink' })).toBe('pink'));
  test('else the colour that it has everywhere', () => expect(nodeColor('price-service', 'bad', 'own', {})).toBe('yellow'));
  test('takes no other colours from storage', () => {
    expect(isOwn({ redis: 'teal' })).toBe(true);
    expect(isOwn({ redis: 'url(x)' })).toBe(false);
    expect(isOwn(null)).toBe(false);
  });
});

describe('capacity', () => {
  const capacity = {
    service: 'price-service', capacity: 8, queue: 16, discipline: 'lifo-codel', slowAbove: 0.5, slowdown: 3, abandoned: 'drop', forSeconds: 0, busy: 8, waiting: 2,
  } as const;
  test('goes back as it came, for a minute', () => {
    const { service: _, busy: __, waiting: ___, ...settings } = capacity;
    expect(capacities.toChange(capacities.toDraft(capacity))).toEqual({ ...settings, forSeconds: 60 });
  });
  test('in words', () => {
    expect(capacities.inWords(capacity)).toBe('serves 8 at a time, 16 more may wait (adaptive LIFO with CoDel), slows down to 3× above 50% busy');
    expect(capacities.inWords({ ...capacity, discipline: 'unbounded', slowdown: 1, abandoned: 'serve' })).toBe(
      'serves 8 at a time, any number more may wait (FIFO without a bound), serves abandoned requests',
    );
  });
});

test.for([
  [null, 'unknown'],
  [99, 'good'],
  [100, 'watch'],
  [200, 'bad'],
] as const)('a load of %s percent is %s', ([loadPct, severity]) => {
  const thresholds = [{ number: 'loadPct', kind: 'service', watch: 100, bad: 200, below: false, why: '' }];
  expect(severityOfLoad({ kind: 'service', loadPct }, thresholds)).toBe(severity);
  expect(severityOfLoad({ kind: 'store', loadPct }, thresholds)).toBe('unknown');
});

describe('fault', () => {
  const draft = toDraft({ service: 'price-service', latencyMinMs: 35, latencyMaxMs: 250, failureRate: 0.015, blackhole: false, forSeconds: 0 });
  test('is shown in percent, and goes back as it came', () => {
    expect(draft.failurePct).toBe(1.5);
    expect(toChange(draft)).toEqual({ latencyMinMs: 35, latencyMaxMs: 250, failureRate: 0.015, blackhole: false, forSeconds: 60 });
  });
  test('says what is wrong with it', () => {
    expect(problem(draft)).toBeUndefined();
    expect(problem({ ...draft, latencyMinMs: Number.NaN })).toMatch('both numbers');
    expect(problem({ ...draft, latencyMinMs: 300 })).toMatch('begins after');
    expect(problem({ ...draft, latencyMaxMs: 30_001 })).toMatch('30,000');
  });
});
