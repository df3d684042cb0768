// The starts and stops of scenarios, which every chart marks.

import { runs } from '../api/feeds';
import { useFeed } from '../api/feed';
import type { Runs } from '../api/types';
import type { Marker } from './model';

export const none: readonly Marker[] = [];
const converted = new WeakMap<Runs, readonly Marker[]>();

export function toMarkers(data: Runs): readonly Marker[] {
  const known = converted.get(data);
  if (known) return known;
  const made = data.markers
    .map(({ at, label, kind }) => ({ time: Date.parse(at) / 1000, label, kind }))
    .sort((a, b) => a.time - b.time);
  converted.set(data, made);
  return made;
}

export function useMarkers(): readonly Marker[] {
  const { data } = useFeed(runs);
  return data ? toMarkers(data) : none;
}
