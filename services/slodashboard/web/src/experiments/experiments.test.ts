import { beforeEach, describe, expect, test, vi } from 'vitest';
import description from '../../../api/openapi.json';
import type { ExperimentChart } from '../api/types';
import { armsData } from './arms';
import { promisedBound, rounds, spanOf, takes, typedBounds, usual } from './options';
import { forgetPrediction, isNear, isWhole, keepPrediction, recallPrediction } from './predictions';
import { errorsData, saySpans } from './replay';
import { quantity } from './words';

const arms = [
  { id: 'off', label: 'Off', set: [] },
  { id: 'on', label: 'On', set: [] },
];

test('the bounds of rounds are those of the API', () => {
  const { minimum, maximum } = description.components.schemas.ExperimentBody.properties.repeats;
  expect(rounds).toMatchObject({ least: minimum, most: maximum });
});

describe('takes', () => {
  const experiment = { takesSec: 432, lengthSec: 60, arms, replay: false };
  test('is what the API says for the usual options', () => expect(takes(experiment, usual)).toBe(432));
  test('of one round of one arm', () => expect(takes(experiment, { ...usual, rounds: 1, arm: 'on' })).toBe(72));
  test('of a replay, which has one round', () => {
    const replay = { takesSec: 12, lengthSec: 4080, arms, replay: true };
    expect(takes(replay, usual)).toBe(12);
    expect(takes(replay, { ...usual, rounds: 5, arm: 'on' })).toBe(6);
  });
  test('of a quick round: only the load is halved', () => expect(takes(experiment, { ...usual, rounds: 1, quick: true })).toBe(84));
});

describe('bounds', () => {
  const ratio = { key: 'p95/off/on', unit: 'times', value: 5, quickValue: 1.2 } as const;
  const share = { key: 'after/on', unit: 'ratio', value: 0.95, quickValue: 0.85 } as const;
  test('are shown as they are typed: shares in percent', () => {
    expect([ratio, share].map((promise) => promisedBound(promise, false))).toEqual(['5', '95']);
    expect([ratio, share].map((promise) => promisedBound(promise, true))).toEqual(['1.2', '85']);
  });
  test('are sent if they were typed', () => {
    expect(typedBounds([ratio, share], { ...usual, bounds: { 'p95/off/on': '', 'after/on': '99.5' } })).toEqual({ 'after/on': 0.995 });
  });
});

test('disturbances are as much shorter as the load', () => {
  expect(spanOf([{ text: 'down', atSec: 10, forSec: 30 }], 60, 30)).toEqual({ lengthSec: 30, shades: [{ fromSec: 5, toSec: 20 }] });
});

test('each round is a line in the colour of its arm, with gaps where there was no answer', () => {
  const chart = (arm: string, round: number, due: readonly number[]): ExperimentChart => ({
    arm, round, stream: 'details', due, good: due, refused: due.map(() => 0), p95Ms: due.map((rate) => rate * 10),
  });
  const charts = [chart('off', 1, [1, 0, 3]), chart('on', 1, [2, 2, 2]), chart('off', 2, [4])];
  const span = { lengthSec: 3, shades: [] };
  expect(armsData(charts, 'details', 'p95Ms', arms, span)).toEqual({
    times: [0, 1, 2],
    span,
    lines: [
      { label: 'Off', color: 'orange', thin: true, values: [10, null, 30] },
      { label: 'Off', color: 'orange', thin: true, values: [40, null, null] },
      { label: 'On', color: 'blue', thin: true, values: [20, 20, 20] },
    ],
  });
  expect(armsData(charts, 'details', 'good', arms, span, true).lines[0]).toEqual({ label: 'due', color: 'grey', dashed: true, values: [4, 2, 3] });
  expect(armsData(charts, 'lists', 'good', arms, span, true)).toEqual({ times: [], span, lines: [] });
});

test('the samples of a replay are in percent, and its pages are said', () => {
  const span = { lengthSec: 6, shades: [] };
  expect(errorsData({ sampleSec: 2, errorRatio: [0, 0.5, 1] }, span)).toEqual({
    times: [0, 2, 4],
    lines: [{ label: 'errors', color: 'grey', thin: true, values: [0, 50, 100] }],
    span,
  });
  expect(saySpans([])).toBe('nobody is paged');
  expect(saySpans([{ arm: 'on', fromSec: 436, toSec: 492 }, { arm: 'on', fromSec: 3608, toSec: 3956 }])).toBe('paged from 7:16 to 8:12, from 1:00:08 to 1:05:56');
});

test.each([
  [0.015, 'ratio', '1.50%'],
  [2.137, 'times', '2.14 times'],
  [1.8e308, 'times', 'over a million times'],
  [12, 'per second', '12.0\u202f/s'],
])('%s %s is said as %s', (value, unit, said) => expect(quantity(value, unit)).toBe(said));

describe('a prediction', () => {
  const questions = [
    { id: 'p95', text: '', choices: ['a', 'b'], answer: 0, slider: null, why: '' },
    { id: 'after', text: '', choices: ['a', 'b'], answer: 1, slider: null, why: '' },
  ];
  const kept = new Map<string, string>();

  beforeEach(() => {
    kept.clear();
    vi.stubGlobal('localStorage', {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
      removeItem: (key: string) => kept.delete(key),
    });
  });

  test('is kept for its experiment until it is forgotten', () => {
    keepPrediction('breaker', { p95: 1 });
    expect(recallPrediction('breaker', questions)).toEqual({ p95: 1 });
    expect(recallPrediction('bulkhead', questions)).toEqual({});
    forgetPrediction('breaker');
    expect(recallPrediction('breaker', questions)).toEqual({});
  });

  test('has no choices that the experiment does not have any more', () => {
    keepPrediction('breaker', { p95: 7, gone: 0, after: 1 });
    expect(recallPrediction('breaker', questions)).toEqual({ after: 1 });
    for (const wrong of ['null', '[1.5]', '{"p95":1.5}', '{"p95":"1"}', 'nonsense']) {
      kept.set('deals.prediction.breaker', wrong);
      expect(recallPrediction('breaker', questions), wrong).toEqual({});
    }
  });

  test('by a slider has a number of its range', () => {
    const slider = { min: 0, max: 1, step: 0.05, unit: 'ratio', answer: 0.3, tolerance: 0.05 } as const;
    const asked = [{ id: 'share', text: '', choices: [], answer: 0, slider, why: '' }];
    for (const [number, there] of [[0, true], [0.35, true], [1, true], [1.05, false], [-0.05, false]] as const) {
      keepPrediction('breaker', { share: number });
      expect(recallPrediction('breaker', asked), String(number)).toEqual(there ? { share: number } : {});
    }
    expect(isNear(slider, 0.35, null), 'at the edge of the usual').toBe(true);
    expect(isNear(slider, 0.4, null)).toBe(false);
    expect(isNear(slider, 0.35, 0.8), 'what was measured counts').toBe(false);
    expect(isNear(slider, 0.8, 0.76)).toBe(true);
  });

  test('is whole when every question is answered', () => {
    expect(isWhole({ p95: 0 }, questions)).toBe(false);
    expect(isWhole({ p95: 0, after: 0 }, questions)).toBe(true);
    expect(isWhole({}, [])).toBe(true);
  });
});
