import { expect, test } from 'vitest';
import { sayMarker } from './model';
import { toMarkers } from './markers';

const at = (second: number): string => `2026-01-02T03:04:0${second}Z`;

test('marks of scenarios and controls are in the order of their times', () => {
  const markers = toMarkers(
    {
      since: at(0), limit: 1, runs: [],
      markers: [{ at: at(5), scenario: 'spike', label: 'Traffic spike', kind: 'stop' }, { at: at(1), scenario: 'spike', label: 'Traffic spike', kind: 'start' }],
    },
    { switches: [{ at: at(3), component: 'rating-lb', control: 'balancing', option: 'random' }] },
  );
  expect(markers.map(sayMarker).map((text) => text.slice('03:04:01 '.length))).toEqual(['Traffic spike started', 'rating-lb: balancing is random', 'Traffic spike ended']);
});

test('without answers there are no marks', () => expect(toMarkers(undefined, undefined)).toEqual([]));
