import { expect, test } from 'vitest';
import { steps, targetAt } from './targets';

test('the own target is in the middle, and eight times as much at the end', () => {
  expect(targetAt(300, 0)).toBe(300);
  expect(targetAt(312.5, 0)).toBe(312.5);
  expect(targetAt(300, steps)).toBe(2400);
  expect(targetAt(300, -steps)).toBe(38);
});

test('every step is another target, and 200 ms is one', () => {
  const all = Array.from({ length: 2 * steps + 1 }, (_, i) => targetAt(300, i - steps));
  expect(all).toContain(200);
  expect(new Set(all).size).toBe(all.length);
  expect(all).toEqual(all.toSorted((a, b) => a - b));
});
