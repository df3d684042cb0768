import type { ReactNode } from 'react';
import type { Hybrid } from '../api/types';
import { digits } from '../lib/format';
import { Panel } from '../ui/panel';
import { Quantity } from '../ui/quantity';
import { isOff } from './shares';

/** Compares the upstream calls that a list takes without the read model with those it took. */
export function FanOut({ now }: { readonly now: Hybrid }): ReactNode {
  const { fanOutClassic, fanOutMeasured, reductionPct, dealsPerList } = now;
  const most = Math.max(fanOutClassic ?? 0, fanOutMeasured ?? 0, 1);
  return (
    <Panel title="Fan-out" aside="upstream calls per list">
      <dl className="fan-out">
        <Row label="Classic" note={dealsPerList === null ? '1 + 4 × deals' : `1 + 4 × ${digits(dealsPerList)}`} value={fanOutClassic} most={most} color="grey" />
        <Row label="Measured" note="without retries" value={fanOutMeasured} most={most} color="blue" />
      </dl>
      <p className="saved">
        <Quantity value={reductionPct} unit="percent" none={now.listRps ? '–' : 'no lists'} />
        {reductionPct !== null && <span className="muted">fewer calls</span>}
      </p>
      <p className="quiet">
        Composed live, a list of {dealsPerList === null ? 'n' : digits(dealsPerList)} deals takes one call for its page and four for each deal.
        {isOff(now) ? ' The read model is off, so only the catalog cache saves calls.' : ' With the read model, the enrichment worker has already made most of these calls.'}
      </p>
    </Panel>
  );
}

interface RowProps {
  readonly label: string;
  readonly note: string;
  readonly value: number | null;
  readonly most: number;
  readonly color: string;
}

function Row({ label, note, value, most, color }: RowProps): ReactNode {
  return (
    <div>
      <dt>
        {label} <span className="quiet">{note}</span>
      </dt>
      <dd>
        <span className="split" aria-hidden="true">
          <i style={{ width: `${((value ?? 0) / most) * 100}%`, background: `var(--${color})` }} />
        </span>
        <Quantity value={value} unit="calls" none="no lists" width={6} />
      </dd>
    </div>
  );
}
