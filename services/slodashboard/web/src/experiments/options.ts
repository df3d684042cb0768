// The options of a run, and its times.

import type { ExperimentDetail, ExperimentRun, ExperimentSpan } from '../api/types';
import type { Span } from '../charts/model';

export interface Options {
  readonly rounds: number;
  readonly quick: boolean;
  /** Empty: all. */
  readonly arm: string;
}

/** The bounds of rounds, as the API has them (ExperimentBody). */
export const rounds = { least: 1, most: 10, usual: 3 } as const;

export const usual: Options = { rounds: rounds.usual, quick: false, arm: '' };

/** A quick run takes this share of the time of the load. */
const quickly = 0.5;

/** Returns about how long a run takes, in seconds. Besides its load, an arm takes the same time in every run. A replay has one round and no load. */
export function takes({ takesSec, lengthSec, arms, replay }: Pick<ExperimentDetail, 'takesSec' | 'lengthSec' | 'arms' | 'replay'>, options: Options): number {
  if (replay) return options.arm === '' ? takesSec : takesSec / arms.length;
  const besides = takesSec / (rounds.usual * arms.length) - lengthSec;
  const load = options.quick ? lengthSec * quickly : lengthSec;
  return options.rounds * (options.arm === '' ? arms.length : 1) * (load + besides);
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
