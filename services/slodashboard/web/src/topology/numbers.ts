// The numbers that nodes and edges show, and their labels.

import type { Edge, Node, Severity, Threshold } from '../api/types';
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
  if (node.capacity !== null)
    more.push(
      { number: 'loadPct', short: 'load', long: 'Load: busy and waiting', value: node.loadPct ?? 0, unit: 'percent' },
      { number: 'waitP95Ms', short: 'p95 wait', long: 'p95 wait for a slot', value: node.waitP95Ms, unit: 'ms' },
    );
  return [...onBox(node), ...more];
}

const waits = (waiting: number | null): string => (waiting ? `, ${say(waiting, 'count')} waiting` : '');

/** Returns how much of a service's capacity is busy, or undefined if it has none. */
export function onSlots({ capacity, busy, waiting }: Node): string | undefined {
  return capacity === null || busy === null ? undefined : `${say(busy, 'count')}/${say(capacity, 'count')} busy${waits(waiting)}`;
}

/** Returns how many calls are in flight of those that a caller's limit allows, or undefined if the edge has none. */
export function onLimit({ limit, inFlight, waiting }: Edge): string | undefined {
  if (inFlight === null) return undefined;
  return `${say(inFlight, 'count')}${limit === null ? '' : `/${say(limit, 'count')}`} calls${waits(waiting)}`;
}

/** Rates the load of a service. */
export function severityOfLoad({ kind, loadPct }: Pick<Node, 'kind' | 'loadPct'>, thresholds: readonly Threshold[]): Severity {
  const threshold = thresholds.find((each) => each.kind === kind && each.number === 'loadPct');
  if (!threshold || loadPct === null) return 'unknown';
  return loadPct >= threshold.bad ? 'bad' : loadPct >= threshold.watch ? 'watch' : 'good';
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
export function inWords(label: string, state: string, shown: readonly Shown[], slots?: string): string {
  return [label, state, ...shown.map(({ long, value, unit }) => `${long.toLowerCase()} ${say(value, unit)}`), slots ?? []].flat().join(', ');
}
