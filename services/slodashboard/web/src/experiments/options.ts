// The options of a run, and its times.

import type { ExperimentDetail, ExperimentPromised, ExperimentRun, ExperimentSpan } from '../api/types';
import type { Span } from '../charts/model';

export interface Options {
  readonly rounds: number;
  readonly quick: boolean;
  /** Empty: all. */
  readonly arm: string;
  /** Other bounds of promises, by key, as typed. Empty: as promised. */
  readonly bounds: Readonly<Record<string, string>>;
}

/** The bounds of rounds, as the API has them (ExperimentBody). */
export const rounds = { least: 1, most: 10, usual: 3 } as const;

export const usual: Options = { rounds: rounds.usual, quick: false, arm: '', bounds: {} };

/** A quick run takes this share of the time of the load. */
const quickly = 0.5;

/** Returns about how long a run takes, in seconds. Besides its load, an arm takes the same time in every run. A replay has one round and no load. */
export function takes({ takesSec, lengthSec, arms, replay }: Pick<ExperimentDetail, 'takesSec' | 'lengthSec' | 'arms' | 'replay'>, options: Options): number {
  if (replay) return options.arm === '' ? takesSec : takesSec / arms.length;
  const besides = takesSec / (rounds.usual * arms.length) - lengthSec;
  const load = options.quick ? lengthSec * quickly : lengthSec;
  return options.rounds * (options.arm === '' ? arms.length : 1) * (load + besides);
}

type Promised = Pick<ExperimentPromised, 'key' | 'unit' | 'value' | 'quickValue'>;

/** How many of what is typed are one of the unit: a share is typed in percent. */
const typedPer = (unit: ExperimentPromised['unit']): number => (unit === 'ratio' ? 100 : 1);

/** Returns the bound that a promise has without another one, as it is typed. */
export function promisedBound({ unit, value, quickValue }: Promised, quick: boolean): string {
  const bound = (quick ? quickValue : value) * typedPer(unit);
  return String(Number(bound.toPrecision(6)));
}

/** Returns the bounds that were typed, by key. */
export function typedBounds(promises: readonly Promised[], { bounds }: Options): Record<string, number> {
  const typed: Record<string, number> = {};
  for (const { key, unit } of promises) {
    const text = bounds[key] ?? '';
    if (text !== '') typed[key] = Number(text) / typedPer(unit);
  }
  return typed;
}

/** Reports whether a run has not ended. */
export function goesOn(run: ExperimentRun | null | undefined): boolean {
  return run?.state === 'running' || run?.state === 'stopping';
}

/** Returns the load of a run of lengthSec as a span in which disturbances are shaded. They are those of a run that takes wholeSec. */
export function spanOf(disturbed: readonly ExperimentSpan[], wholeSec: number, lengthSec: number): Span {
  const scale = lengthSec / wholeSec;
  return { lengthSec, shades: disturbed.map(({ atSec, forSec }) => ({ fromSec: atSec * scale, toSec: (atSec + forSec) * scale })) };
}
