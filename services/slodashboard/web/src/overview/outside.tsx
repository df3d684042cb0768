import type { ReactNode } from 'react';
import type { Outside as Measured } from '../api/types';
import { say } from '../lib/format';
import { Panel } from '../ui/panel';
import { Quantity } from '../ui/quantity';
import { State } from '../ui/state';

const sources: Readonly<Record<Measured['source'], string>> = {
  k6: 'clients of the running scenario',
  probe: 'probes of this dashboard',
  none: 'nobody',
};

/** What clients got, beside what the API measures itself. */
export function Outside({ measured }: { readonly measured: Measured }): ReactNode {
  const { source, windowSec, differences } = measured;
  return (
    <Panel title="Inside and outside" className="outside">
      <p className="quiet">
        Clients: measured by {sources[source]}, over {say(windowSec, 's')}. Of lists and details, the worse counts.
      </p>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Measure</th>
            <th scope="col" className="number">
              Clients see
            </th>
            <th scope="col" className="number">
              The API counts
            </th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">p95 latency</th>
            <td className="number">
              <Quantity value={measured.p95LatencyMs} unit="ms" none="unknown" />
            </td>
            <td className="number">
              <Quantity value={measured.insideP95LatencyMs} unit="ms" />
            </td>
          </tr>
          <tr>
            <th scope="row">Error rate</th>
            <td className="number">
              <Quantity value={measured.errorRatePct} unit="percent" none="unknown" />
            </td>
            <td className="number">
              <Quantity value={measured.insideErrorRatePct} unit="percent" />
            </td>
          </tr>
        </tbody>
      </table>
      {source !== 'none' && differences.length === 0 && <State severity="good">Both agree.</State>}
      {differences.map((difference) => (
        <p key={difference} className="watch-text">
          {difference}
        </p>
      ))}
    </Panel>
  );
}
