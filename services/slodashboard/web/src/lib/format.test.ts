import { describe, expect, test } from 'vitest';
import { type Unit, type Value, age, digits, elapsed, say, sayRound } from './format';

describe('say', () => {
  const cases: Record<string, [Value, Unit, string]> = {
    'no traffic is not zero': [null, 'rps', 'no traffic'],
    'not asked yet': [undefined, 'ms', 'no traffic'],
    'not a number': [Number.NaN, 'percent', 'no traffic'],
    'an infinite lag': ['Infinity', 's', '∞'],
    zero: [0, 'percent', '0%'],
    'zero time': [0, 'ms', '0\u202fs'],
    'three digits': [42.318, 'rps', '42.3\u202frps'],
    'small, but there': [0.0004, 'percent', '<0.01%'],
    thousands: [1234.4, 'rps', '1,234\u202frps'],
    'many thousands': [123_456, 'rps', '123k\u202frps'],
    millions: [2_500_000, 'count', '2.5M'],
    'a count has no fraction': [12.4, 'count', '12'],
    milliseconds: [183.4, 'ms', '183\u202fms'],
    'less than a millisecond': [0.3, 'ms', '0.30\u202fms'],
    'a second in milliseconds': [1240, 'ms', '1.24\u202fs'],
    minutes: [150, 's', '2.5\u202fmin'],
    days: [259_200, 's', '3.0\u202fd'],
    'an overdrawn budget': [-40, 'percent', '\u221240.0%'],
    'a burn rate': [14.4, 'burn', '14.4×'],
  };
  test.each(Object.entries(cases))('%s', (_, [value, unit, want]) => expect(say(value, unit)).toBe(want));
});

test('a limit has no needless digits', () => {
  expect(sayRound(300, 'ms')).toBe('300\u202fms');
  expect(sayRound(1, 'percent')).toBe('1%');
  expect(sayRound(1000, 'count')).toBe('1,000');
  expect(sayRound(2.5, 's')).toBe('2.5\u202fs');
  expect(sayRound(100, 'percent')).toBe('100%');
  expect(sayRound(0.002, 'calls')).toBe('0.002');
});

test('digits take at most six characters below 100,000', () => {
  for (let value = 0.001; value < 100_000; value *= 1.37) expect(digits(value).length, String(value)).toBeLessThanOrEqual(6);
});

test('elapsed', () => {
  expect(elapsed(-5)).toBe('0:00');
  expect(elapsed(42_900)).toBe('0:42');
  expect(elapsed(3_725_000)).toBe('1:02:05');
});

test('age', () => {
  expect(age(12_000)).toBe('12\u202fs');
  expect(age(180_000)).toBe('3\u202fmin');
  expect(age(7_300_000)).toBe('2\u202fh');
  expect(age(3 * 86_400_000)).toBe('3\u202fd');
});
