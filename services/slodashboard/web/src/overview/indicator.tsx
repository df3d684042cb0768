import { useMemo, type ReactNode } from 'react';
import type { SLI } from '../api/types';
import { Chart } from '../charts/chart';
import { chartData } from '../charts/from';
import { sayRound } from '../lib/format';
import { Quantity } from '../ui/quantity';
import { State } from '../ui/state';
import type { IndicatorEntry } from './indicators';

interface Props {
  readonly indicator: IndicatorEntry;
  readonly now: SLI;
}

/** One indicator: its value, its target, whether that is met, and its history. */
export function Indicator({ indicator, now }: Props): ReactNode {
  const { name, label, unit, unitName, color, target, about } = indicator;
  const data = useMemo(() => chartData(now.history, [{ name, label, color }]), [now.history, name, label, color]);
  const met = target === undefined ? null : now.met[target];
  const limit = target === undefined ? undefined : now.targets[target];
  return (
    <article className={met === false ? 'panel indicator missed' : 'panel indicator'} aria-labelledby={`sli-${name}`}>
      <div className="indicator-head">
        <h2 id={`sli-${name}`}>{label}</h2>
        {limit !== undefined && (
          <span className="target">
            <span className="quiet">target &lt; {sayRound(limit, unit)}</span>
            {met === true && <State severity="good">met</State>}
            {met === false && <State severity="bad">missed</State>}
          </span>
        )}
      </div>
      <div className="indicator-now">
        <Quantity value={now[name]} unit={unit} width={7} />
        <span className="quiet about">{about}</span>
      </div>
      <Chart
        title={`${label}, the last 15 minutes`}
        unit={unit}
        unitName={unitName}
        data={data}
        height={104}
        untitled
        {...(limit === undefined ? {} : { target: limit })}
      />
    </article>
  );
}
