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
          <Row label="p95 latency" unit="ms" outside={measured.p95LatencyMs} inside={measured.insideP95LatencyMs} />
          <Row label="Error rate" unit="percent" outside={measured.errorRatePct} inside={measured.insideErrorRatePct} />
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

interface RowProps {
  readonly label: string;
  readonly unit: 'ms' | 'percent';
  readonly outside: number | null;
  readonly inside: number | null;
}

function Row({ label, unit, outside, inside }: RowProps): ReactNode {
  return (
    <tr>
      <th scope="row">{label}</th>
      <td className="number">
        <Quantity value={outside} unit={unit} none="unknown" />
      </td>
      <td className="number">
        <Quantity value={inside} unit={unit} />
      </td>
    </tr>
  );
}
