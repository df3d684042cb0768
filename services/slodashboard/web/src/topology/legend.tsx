import type { ReactNode } from 'react';
import type { Threshold } from '../api/types';
import { type Unit, sayRound } from '../lib/format';
import type { Mode } from './palette';

const units: Readonly<Record<string, readonly [name: string, unit: Unit]>> = {
  rps: ['Rate', 'rps'],
  p95Ms: ['p95 latency', 'ms'],
  failurePct: ['Failures', 'percent'],
  loadPct: ['Load', 'percent'],
  depth: ['Depth', 'count'],
  lagSec: ['Lag', 's'],
  hitPct: ['Fresh hits', 'percent'],
  coveredPct: ['Covered', 'percent'],
  cachePct: ['Catalog cache', 'percent'],
  oldestSec: ['Oldest job', 's'],
  dead: ['Dead jobs', 'count'],
};

export function Legend({ thresholds, mode }: { readonly thresholds: readonly Threshold[]; readonly mode: Mode }): ReactNode {
  return (
    <details className="graph-legend">
      <summary>
        {mode === 'severity' ? (
          <>
            <i className="dot good" /> good <i className="dot watch" /> watch <i className="dot bad" /> bad <i className="dot none" /> no traffic
          </>
        ) : (
          'Custom colours'
        )}
        <span className="quiet">on edges: rate, p95, failures; at a selected node also calls in flight of the limit</span>
        <span className="link">thresholds</span>
      </summary>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Number</th>
              <th scope="col">Kind</th>
              <th scope="col" className="number">
                Watch
              </th>
              <th scope="col" className="number">
                Bad
              </th>
              <th scope="col">Why</th>
            </tr>
          </thead>
          <tbody>
            {thresholds.filter(inGraph).map((threshold) => (
              <Line key={`${threshold.number} ${threshold.kind}`} threshold={threshold} />
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** Thresholds of objectives are shown in the overview. */
const inGraph = ({ kind }: Threshold): boolean => kind !== 'objective';

function Line({ threshold }: { readonly threshold: Threshold }): ReactNode {
  const { number, kind, watch, bad, below, why } = threshold;
  const [name, unit] = units[number] ?? [number, 'count'];
  const sign = below ? '≤' : '≥';
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{kind || 'all others'}</td>
      <td className="number">
        {sign} {sayRound(watch, unit)}
      </td>
      <td className="number">
        {sign} {sayRound(bad, unit)}
      </td>
      <td className="why">{why}</td>
    </tr>
  );
}
