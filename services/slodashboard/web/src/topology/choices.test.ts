import { describe, expect, test } from 'vitest';
import { problem, toChange, toDraft } from './fault-draft';
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
