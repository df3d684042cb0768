import type { ReactNode } from 'react';
import type { Edge, Topology } from '../api/types';
import { say } from '../lib/format';

interface Props {
  readonly id: string;
  readonly topology: Topology;
}

/** The concurrency limits that a node keeps for its upstreams. */
export function Limits({ id, topology: { nodes, edges } }: Props): ReactNode {
  const limits = edges.filter(({ from, inFlight }) => from === id && inFlight !== null);
  if (limits.length === 0) return null;
  const label = ({ to }: Edge): string => nodes.find((node) => node.id === to)?.label ?? to;
  return (
    <section className="drawer-part" aria-label="Limits of its upstreams">
      <h3>Limits of its upstreams</h3>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Upstream</th>
            <th scope="col" className="number">
              Limit
            </th>
            <th scope="col" className="number">
              In flight
            </th>
            <th scope="col" className="number">
              Waiting
            </th>
          </tr>
        </thead>
        <tbody>
          {limits.map((edge) => (
            <tr key={edge.id}>
              <th scope="row">{label(edge)}</th>
              <td className="number">{edge.limit === null ? 'none' : say(edge.limit, 'count')}</td>
              <td className="number">{say(edge.inFlight, 'count')}</td>
              <td className={edge.waiting ? 'number watch-text' : 'number'}>{say(edge.waiting, 'count')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
