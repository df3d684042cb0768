import type { ReactNode } from 'react';
import { say, type Unit } from '../lib/format';
import { type ChartData, type Marker, pick, sayMarker, sayTime } from './model';

interface Props {
  readonly title: string;
  readonly data: ChartData;
  readonly unit: Unit;
  readonly markers: readonly Marker[];
}

/** The chart as a table with about one row per minute. */
export function ChartTable({ title, data, unit, markers }: Props): ReactNode {
  const from = data.times[0] ?? 0;
  const inSight = markers.filter(({ time }) => time >= from);
  return (
    <div className="chart-table" tabIndex={0} role="region" aria-label={`${title}, table`}>
      <table>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {data.lines.map((line) => (
              <th key={line.label} scope="col" className="number">
                {line.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {pick(data.times.length, 15).map((i) => (
            <tr key={i}>
              <th scope="row">{sayTime(data, data.times[i] ?? 0)}</th>
              {data.lines.map((line) => (
                <td key={line.label} className="number">
                  {say(line.values[i], unit)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {inSight.length > 0 && (
        <p>
          {inSight.map(sayMarker).join('; ')}
        </p>
      )}
    </div>
  );
}
