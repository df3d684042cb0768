import type { ReactNode } from 'react';
import { scenarios, sli, slo } from '../api/feeds';
import { useFeed } from '../api/feed';
import type { SLI } from '../api/types';
import { href } from '../lib/router';
import type { Unit, Value } from '../lib/format';
import { elapsed } from '../lib/format';
import { useNow } from '../lib/now';
import { Quantity } from '../ui/quantity';

interface Vital {
  readonly label: string;
  readonly value: Value;
  readonly unit: Unit;
  readonly met?: boolean | null;
}

function vitals(now: SLI | undefined): readonly Vital[] {
  return [
    { label: 'Rate', value: now?.requestRateRps, unit: 'rps' },
    { label: 'Errors', value: now?.errorRatePct, unit: 'percent', met: now?.met.errorRatePct ?? null },
    { label: 'p95', value: now?.p95LatencyMs, unit: 'ms', met: now?.met.p95LatencyMs ?? null },
    { label: 'Upstream', value: now?.upstreamFailureRatePct, unit: 'percent' },
    { label: 'Depth', value: now?.queueDepth, unit: 'count', met: now?.met.queueDepth ?? null },
    { label: 'Lag', value: now?.queueLagEstimateSec, unit: 's' },
  ];
}

/** The indicators in one line, on every view. */
export function Vitals(): ReactNode {
  const { data } = useFeed(sli);
  return (
    <section className="vitals" aria-label="Now">
      <dl>
        {vitals(data).map(({ label, value, unit, met }) => (
          <div key={label} className={met === false ? 'missed' : undefined}>
            <dt>
              {label}
              {met === false && <span className="sr-only">, target missed</span>}
            </dt>
            <dd>
              <Quantity value={value} unit={unit} none="–" />
            </dd>
          </div>
        ))}
      </dl>
      <Going />
    </section>
  );
}

/** The running scenarios and the number of firing alerts. */
function Going(): ReactNode {
  const now = useNow();
  const running = useFeed(scenarios).data?.scenarios.filter((scenario) => scenario.active) ?? [];
  const firing = useFeed(slo).data?.alerts.filter((alert) => alert.state === 'firing').length ?? 0;
  return (
    <div className="going">
      {firing > 0 && (
        <a className="chip bad" href={href('overview')}>
          {firing} {firing === 1 ? 'alert' : 'alerts'}
        </a>
      )}
      {running.map(({ id, label, run }) => (
        <a key={id} className="chip" href={href('scenarios', id)}>
          <i aria-hidden="true" />
          {label}
          {run && <span className="quiet">{elapsed(now - Date.parse(run.startedAt))}</span>}
        </a>
      ))}
    </div>
  );
}
