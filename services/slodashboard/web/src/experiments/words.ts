// Words for the states of a run and for what it measures.

import type { ExperimentRun, ExperimentVerdict } from '../api/types';
import { digits, say } from '../lib/format';

const phases: Readonly<Record<ExperimentRun['phase'], string>> = {
  '': 'starts',
  settling: 'waits for empty queues and closed breakers',
  preparing: 'prepares the read model and the load',
  loading: 'load',
  measuring: 'measures',
  replaying: 'tries the alert on the samples',
};

/** Says where a run is. It changes with its phases only, so that screen readers may read it out. */
export function progressOf({ state, arm, round, rounds, phase, disturbed }: ExperimentRun, labelOf: (arm: string) => string): string {
  if (state === 'stopping') return 'Stops, and puts all settings back.';
  if (arm === '') return 'Starts.';
  const disturbance = disturbed === '' ? '' : ` Disturbed: ${disturbed}.`;
  return `Round ${round} of ${rounds}, ${labelOf(arm)}: ${phases[phase]}.${disturbance}`;
}

/** Says how a run was done: "3 rounds, quick, only the arm on". */
export function howRun({ repeats, quick, arm }: Pick<ExperimentVerdict, 'repeats' | 'quick' | 'arm'>): string {
  const parts = [`${repeats} ${repeats === 1 ? 'round' : 'rounds'}`];
  if (quick) parts.push('quick');
  if (arm !== '') parts.push(`only the arm ${arm}`);
  return parts.join(', ');
}

/** Formats a value of a measure. A ratio is a share. */
export function quantity(value: number, unit: string): string {
  switch (unit) {
    case 'ratio':
      return say(value * 100, 'percent');
    case 'ms':
      return say(value, 'ms');
    case 's':
      return say(value, 's');
    case 'per second':
      return say(value, 'perSecond');
    case 'count':
      return say(value, 'count');
    case 'times':
      return times(value);
    default:
      return say(value, 'calls');
  }
}

/** Formats a ratio of two arms. */
export function times(ratio: number): string {
  return ratio > 1e6 ? 'over a million times' : `${digits(ratio)} times`;
}
