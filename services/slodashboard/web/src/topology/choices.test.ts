import { describe, expect, test } from 'vitest';
import * as capacities from './capacity-draft';
import * as controls from './controls-draft';
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
    service: 'price-service', replicas: 1, capacity: 8, queue: 16, discipline: 'lifo-codel', slowAbove: 0.5, slowdown: 3, abandoned: 'drop', forSeconds: 0, busy: 8, waiting: 2,
  } as const;
  test('goes back as it came, for a minute', () => {
    const { service: _, replicas: __, busy: ___, waiting: ____, ...settings } = capacity;
    expect(capacities.toChange(capacities.toDraft(capacity))).toEqual({ ...settings, forSeconds: 60 });
  });
  test('in words', () => {
    expect(capacities.inWords(capacity)).toBe('serves 8 at a time, 16 more may wait (adaptive LIFO with CoDel), slows down to 3× above 50% busy');
    expect(capacities.inWords({ ...capacity, discipline: 'unbounded', slowdown: 1, abandoned: 'serve' })).toBe(
      'serves 8 at a time, any number more may wait (FIFO without a bound), serves abandoned requests',
    );
  });
});

describe('controls', () => {
  const option = (name: string, max = 0) => ({ name, help: '', min: max && 1, max });
  const control = { name: 'upstream-limit', help: 'what bounds attempts', option: 'adaptive', start: 'adaptive', forSeconds: 0, options: [option('adaptive'), option('static', 100), option('none')] };
  const breaker = { ...control, name: 'breaker', option: 'on', start: 'on', options: [option('on'), option('off')] };
  const all = [control, breaker];
  const draftOf = (value: number) => controls.choose(controls.blank, control, { option: 'static', value });
  test('show what is in force until something else is chosen', () => {
    expect(controls.settingOf(controls.blank, { ...control, option: 'static=30' })).toEqual({ option: 'static', value: 30 });
    expect(controls.settingOf(draftOf(9), control)).toEqual({ option: 'static', value: 9 });
  });
  test('only those with a choice are sent, in the order of the component', () => {
    expect(controls.toChanges(controls.blank, all)).toEqual([]);
    const draft = controls.choose(controls.choose(controls.blank, breaker, { option: 'off' }), control, { option: 'static', value: 9 });
    expect(controls.toChanges({ ...draft, forSeconds: 0 }, all)).toEqual([
      { control: 'upstream-limit', option: 'static=9', forSeconds: 0 },
      { control: 'breaker', option: 'off', forSeconds: 0 },
    ]);
  });
  test('an option starts with the number in force, that of the start, or the least', () => {
    expect(controls.settingFor(control, 'none')).toEqual({ option: 'none' });
    expect(controls.settingFor(control, 'static')).toEqual({ option: 'static', value: 1 });
    expect(controls.settingFor({ ...control, start: 'static=40' }, 'static')).toEqual({ option: 'static', value: 40 });
    expect(controls.settingFor({ ...control, option: 'static=30', start: 'static=40' }, 'static')).toEqual({ option: 'static', value: 30 });
  });
  test.for([
    [1, undefined],
    [100, undefined],
    [0, 'upstream-limit: static takes a whole number from 1 to 100.'],
    [101, 'upstream-limit: static takes a whole number from 1 to 100.'],
    [1.5, 'upstream-limit: static takes a whole number from 1 to 100.'],
    [Number.NaN, 'upstream-limit: static takes a whole number from 1 to 100.'],
  ] as const)('say what is wrong with %s', ([value, wrong]) => expect(controls.problem(draftOf(value), all)).toBe(wrong));
  test('in words', () => {
    expect(controls.inWords(control)).toBe('adaptive');
    expect(controls.inWords({ ...control, option: 'static=30', forSeconds: 40 })).toBe('static=30 for another 0:40, then adaptive');
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
  const draft = toDraft({ service: 'price-service', replicas: 1, latencyMinMs: 35, latencyMaxMs: 250, failureRate: 0.015, blackhole: false, forSeconds: 0 });
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
