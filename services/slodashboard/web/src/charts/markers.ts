// The starts and stops of scenarios and the switches of controls, which every chart marks.

import { useMemo } from 'react';
import { runs, switches } from '../api/feeds';
import { useFeed } from '../api/feed';
import type { Runs, Switches } from '../api/types';
import type { Marker } from './model';

export const none: readonly Marker[] = [];

const seconds = (time: string): number => Date.parse(time) / 1000;

/** Returns the marks in the order of their times. */
export function toMarkers(scenarios: Runs | undefined, controls: Switches | undefined): readonly Marker[] {
  const ofScenarios = (scenarios?.markers ?? []).map(({ at, label, kind }): Marker => ({ time: seconds(at), label, kind }));
  const ofControls = (controls?.switches ?? []).map(
    ({ at, component, control, option }): Marker => ({ time: seconds(at), label: `${component}: ${control} is ${option}`, kind: 'switch' }),
  );
  return [...ofScenarios, ...ofControls].sort((a, b) => a.time - b.time);
}

export function useMarkers(): readonly Marker[] {
  const { data: scenarios } = useFeed(runs);
  const { data: controls } = useFeed(switches);
  return useMemo(() => toMarkers(scenarios, controls), [scenarios, controls]);
}
