import { useMemo, type ReactNode } from 'react';
import type { ExperimentArm, ExperimentChart } from '../api/types';
import { Chart } from '../charts/chart';
import type { Span } from '../charts/model';
import { Panel } from '../ui/panel';
import { anyRefused, armsData, streamsOf } from './arms';

interface Props {
  readonly charts: readonly ExperimentChart[];
  readonly arms: readonly ExperimentArm[];
  readonly span: Span;
  readonly live: boolean;
}

/** All arms over time, on shared axes from the start of the load. */
export function Charts({ charts, arms, span, live }: Props): ReactNode {
  return (
    <Panel title="Over time" aside={live ? 'live' : 'of the last run'}>
      <div className="stack">
        <p className="quiet">
          From the start of the load, a line for each round{span.shades.length > 0 && '; the time of the disturbance is shaded'}. Values are medians of the rounds.
        </p>
        {charts.length === 0 && <p className="muted">No load yet.</p>}
        {streamsOf(charts).map((stream) => (
          <Stream key={stream} stream={stream} charts={charts} arms={arms} span={span} />
        ))}
      </div>
    </Panel>
  );
}

function Stream({ stream, charts, arms, span }: Omit<Props, 'live'> & { readonly stream: string }): ReactNode {
  const [good, p95, refused] = useMemo(
    () => [
      armsData(charts, stream, 'good', arms, span, true),
      armsData(charts, stream, 'p95Ms', arms, span),
      anyRefused(charts, stream) ? armsData(charts, stream, 'refused', arms, span) : undefined,
    ],
    [charts, stream, arms, span],
  );
  return (
    <>
      <Chart title={`${stream}: complete answers`} unit="perSecond" unitName="per second" data={good} />
      <Chart title={`${stream}: p95`} unit="ms" unitName="latency" data={p95} />
      {refused && <Chart title={`${stream}: refused`} unit="perSecond" unitName="per second" data={refused} height={110} />}
    </>
  );
}
