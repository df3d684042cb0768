import { useMemo, type ReactNode } from 'react';
import type { ExperimentArm, ExperimentPage, ExperimentReplay } from '../api/types';
import { Chart } from '../charts/chart';
import type { Span } from '../charts/model';
import { elapsed } from '../lib/format';
import { Panel } from '../ui/panel';
import { armColor } from './arms';
import { ArmName } from './setup';
import { errorsData, saySpans } from './replay';

interface Props {
  readonly replay: ExperimentReplay;
  readonly arms: readonly ExperimentArm[];
  readonly span: Span;
}

/** The samples that were replayed, and below them when the alert of each arm pages somebody, on the same time axis. */
export function Replayed({ replay, arms, span }: Props): ReactNode {
  const errors = useMemo(() => errorsData(replay, span), [replay, span]);
  return (
    <Panel title="Over time" aside="of the samples">
      <div className="stack">
        <p className="quiet">From the start of the recording. The time of the fault is shaded.</p>
        <Chart title="Requests that fail" unit="percent" unitName="share" data={errors} />
        <div>
          <h3>Pages</h3>
          <dl className="lanes">
            {arms.map(({ id, label }, index) => (
              <Lane key={id} name={<ArmName label={label} index={index} />} color={armColor(index)} pages={replay.pages.filter(({ arm }) => arm === id)} span={span} />
            ))}
          </dl>
        </div>
      </div>
    </Panel>
  );
}

interface LaneProps {
  readonly name: ReactNode;
  readonly color: string;
  readonly pages: readonly ExperimentPage[];
  readonly span: Span;
}

function Lane({ name, color, pages, span: { lengthSec, shades } }: LaneProps): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <svg viewBox={`0 0 ${lengthSec} 10`} preserveAspectRatio="none" aria-hidden="true">
          {shades.map(({ fromSec, toSec }) => (
            <rect key={fromSec} className="shade" x={fromSec} width={toSec - fromSec} height={10} />
          ))}
          {pages.map(({ fromSec, toSec }) => (
            <rect key={fromSec} x={fromSec} y={2} width={toSec - fromSec} height={6} fill={`var(--${color})`}>
              <title>{`from ${elapsed(fromSec * 1000)} to ${elapsed(toSec * 1000)}`}</title>
            </rect>
          ))}
        </svg>
        <span className="sr-only">{saySpans(pages)}</span>
      </dd>
    </div>
  );
}
