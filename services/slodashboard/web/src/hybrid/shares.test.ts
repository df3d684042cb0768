import { expect, test } from 'vitest';
import { isOff, shares } from './shares';

const outcome = (name: string, rps: number | null) => ({ outcome: name, rps, perRequest: null });

test('shares of the deals add up to 1 and exclude refresh jobs', () => {
  const parts = shares({ outcomes: [outcome('hit', 6), outcome('stale', 3), outcome('miss', 1), outcome('refresh_enqueued', 90)] });
  expect(parts?.map(({ share }) => share)).toEqual([0.6, 0.3, 0.1]);
});

test('without lists there are no shares', () => {
  expect(shares({ outcomes: [] })).toBeUndefined();
  expect(shares({ outcomes: [outcome('hit', null)] })).toBeUndefined();
});

test('the read model is off if all deals bypass it', () => {
  expect(isOff({ outcomes: [outcome('bypass', 1896), outcome('hit', null)] })).toBe(true);
  expect(isOff({ outcomes: [outcome('bypass', 0), outcome('hit', 6)] })).toBe(false);
  expect(isOff({ outcomes: [] })).toBe(false);
});
