// The numbers that nodes and edges show, and their labels.

import type { Edge, Node } from '../api/types';
import { type Unit, type Value, say } from '../lib/format';

export interface Shown {
  /** The member of the API, by which a threshold is found. */
  readonly number: string;
  readonly short: string;
  readonly long: string;
  readonly value: Value;
  readonly unit: Unit;
}

type AnyNumbers = Node | Edge;

const rate = (of: AnyNumbers): Shown => ({ number: 'rps', short: 'rate', long: 'Rate', value: of.rps, unit: 'rps' });
const p95 = (of: AnyNumbers): Shown => ({ number: 'p95Ms', short: 'p95', long: 'p95 latency', value: of.p95Ms, unit: 'ms' });
const failures = (of: AnyNumbers): Shown => ({
  number: 'failurePct',
  short: 'fail',
  long: 'Failures',
  value: of.failurePct,
  unit: 'percent',
});
const depth = (of: AnyNumbers): Shown => ({ number: 'depth', short: 'depth', long: 'Depth', value: of.depth, unit: 'count' });
const lag = (of: AnyNumbers): Shown => ({ number: 'lagSec', short: 'lag', long: 'Lag', value: of.lagSec, unit: 's' });

/** The three that a box has room for. */
export function onBox(node: Node): readonly Shown[] {
  switch (node.kind) {
    case 'queue':
      return [depth(node), lag(node), { number: 'dead', short: 'DLQ', long: 'Dead jobs', value: node.dead, unit: 'count' }];
    case 'store':
      return [
        { number: 'hitPct', short: 'fresh', long: 'Fresh hits', value: node.hitPct, unit: 'percent' },
        { number: 'coveredPct', short: 'covered', long: 'Covered', value: node.coveredPct, unit: 'percent' },
      ];
    case 'client':
      return [rate(node)];
    default:
      return [rate(node), p95(node), failures(node)];
  }
}

/** Returns all numbers of a node. */
export function ofNode(node: Node): readonly Shown[] {
  const more: Shown[] = [];
  if (node.kind === 'queue')
    more.push({ number: 'oldestSec', short: 'oldest', long: 'Oldest job', value: node.oldestSec, unit: 's' }, rate(node));
  if (node.cachePct !== null)
    more.push({ number: 'cachePct', short: 'cache', long: 'Lists from its catalog cache', value: node.cachePct, unit: 'percent' });
  return [...onBox(node), ...more];
}

/** Returns the first three known numbers of an edge. */
export function onEdge(edge: Edge): readonly Shown[] {
  return [rate(edge), p95(edge), failures(edge), depth(edge), lag(edge)].filter(({ value }) => value !== null).slice(0, 3);
}

/** Formats a number of an edge. */
export function onLine({ number, value, unit }: Shown): string {
  const text = say(value, unit);
  if (number === 'depth') return value === 1 ? '1 job' : `${text} jobs`;
  return number === 'lagSec' ? `lag ${text}` : text;
}

/** Describes a node for screen readers. */
export function inWords(label: string, state: string, shown: readonly Shown[]): string {
  return [label, state, ...shown.map(({ long, value, unit }) => `${long.toLowerCase()} ${say(value, unit)}`)].join(', ');
}
