// The deals of a list by their source.

import type { Hybrid } from '../api/types';
import { readModel } from '../lib/colors';

export interface Share {
  readonly label: string;
  readonly share: number;
  readonly color: string;
}

const outcomes = [
  ['hit', 'fresh', readModel.hit],
  ['stale', 'stale', readModel.stale],
  ['miss', 'missing', readModel.miss],
  ['bypass', 'read model off', readModel.liveFallback],
] as const;

/** Reports whether the read model is off: there are lists, and all their deals bypass it. */
export function isOff({ outcomes }: Pick<Hybrid, 'outcomes'>): boolean {
  const rate = (name: string): number => outcomes.find(({ outcome }) => outcome === name)?.rps ?? 0;
  return rate('bypass') > 0 && rate('hit') + rate('stale') + rate('miss') === 0;
}

/** Returns the shares of the sources, or undefined without lists. */
export function shares(now: Pick<Hybrid, 'outcomes'>): readonly Share[] | undefined {
  const rate = (name: string): number => now.outcomes.find(({ outcome }) => outcome === name)?.rps ?? 0;
  const total = outcomes.reduce((sum, [name]) => sum + rate(name), 0);
  if (total <= 0) return undefined;
  return outcomes.map(([name, label, color]) => ({ label, share: rate(name) / total, color })).filter(({ label, share }) => share > 0 || label !== 'read model off');
}
