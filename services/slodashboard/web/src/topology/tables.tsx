import type { ReactNode } from 'react';
import type { Topology } from '../api/types';
import { say } from '../lib/format';
import { href } from '../lib/router';
import { State } from '../ui/state';
import { onEdge, ofNode, onLimit, onSlots } from './numbers';

/** The graph as tables, for screen readers. */
export function GraphTables({ topology }: { readonly topology: Topology }): ReactNode {
  const label = (id: string): string => topology.nodes.find((node) => node.id === id)?.label ?? id;
  return (
    <details className="panel graph-tables">
      <summary>The graph as tables</summary>
      <div className="grid cols-2">
        <table className="table">
          <caption className="sr-only">Nodes</caption>
          <thead>
            <tr>
              <th scope="col">Node</th>
              <th scope="col">State</th>
              <th scope="col">Numbers</th>
            </tr>
          </thead>
          <tbody>
            {topology.nodes.map((node) => (
              <tr key={node.id}>
                <th scope="row">
                  <a href={href('topology', node.id)}>{node.label}</a>
                </th>
                <td>
                  <State severity={node.severity}>{node.up === false ? 'down' : node.severity}</State>
                </td>
                <td>{[...ofNode(node).map(({ short, value, unit }) => `${short} ${say(value, unit)}`), onSlots(node) ?? []].flat().join(', ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <table className="table">
          <caption className="sr-only">Edges</caption>
          <thead>
            <tr>
              <th scope="col">From, to</th>
              <th scope="col">State</th>
              <th scope="col">Numbers</th>
            </tr>
          </thead>
          <tbody>
            {topology.edges.map((edge) => (
              <tr key={edge.id}>
                <th scope="row">
                  {label(edge.from)} → {label(edge.to)}
                </th>
                <td>
                  <State severity={edge.severity}>{edge.severity}</State>
                </td>
                <td>{[...onEdge(edge).map(({ short, value, unit }) => `${short} ${say(value, unit)}`), onLimit(edge) ?? []].flat().join(', ') || 'no traffic'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
