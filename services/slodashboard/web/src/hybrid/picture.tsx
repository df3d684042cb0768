import type { ReactNode } from 'react';
import type { Hybrid } from '../api/types';
import { readModel } from '../lib/colors';
import { digits, say } from '../lib/format';
import { Panel } from '../ui/panel';
import { isOff, shares, type Share } from './shares';

/** The steps of one list request, on average. */
export function RequestPicture({ now }: { readonly now: Hybrid }): ReactNode {
  const parts = shares(now);
  return (
    <Panel title="One list request" aside="average of recent requests">
      {isOff(now) ? (
        <p className="muted">The read model is off (HYBRID_READ_MODEL_ENABLED=false): every deal of every list is composed live with four upstream calls.</p>
      ) : parts === undefined ? (
        <p className="muted">There are no list requests. Start the scenario “Normal traffic” to see where their deals come from.</p>
      ) : (
        <ol className="steps">
          <Step title="Catalog page" note={`${say(now.catalogCachePct, 'percent')} from the cache in the process, else one call to deal-service`}>
            <Split
              parts={[
                { label: 'cached', share: (now.catalogCachePct ?? 0) / 100, color: 'teal' },
                { label: 'fetched', share: 1 - (now.catalogCachePct ?? 0) / 100, color: 'blue' },
              ]}
            />
          </Step>
          <Step title="Deal cards" note={`one round trip to Redis for ${digits(now.dealsPerList ?? 0)} deals`}>
            <Split parts={parts} />
          </Step>
          <Step
            title="Live fallback"
            note={`${digits(now.liveFallbackPerRequest ?? 0)} deals per list are composed live with four upstream calls each; other misses are served without details`}
          >
            <Dots count={now.liveFallbackPerRequest ?? 0} />
          </Step>
          <Step title="Refresh" note={`${digits(refreshes(now))} jobs per list for the enrichment worker, at most one per deal every 15 s`}>
            <Split parts={[{ label: 'refreshed', share: refreshed(now), color: readModel.refresh }]} />
          </Step>
        </ol>
      )}
    </Panel>
  );
}

const refreshes = ({ outcomes }: Hybrid): number => outcomes.find(({ outcome }) => outcome === 'refresh_enqueued')?.perRequest ?? 0;

const refreshed = (now: Hybrid): number => Math.min(1, refreshes(now) / Math.max(1, now.dealsPerList ?? 1));

function Step({ title, note, children }: { readonly title: string; readonly note: string; readonly children: ReactNode }): ReactNode {
  return (
    <li>
      <h3>{title}</h3>
      <div>
        {children}
        <p className="quiet">{note}</p>
      </div>
    </li>
  );
}

function Split({ parts }: { readonly parts: readonly Share[] }): ReactNode {
  const shown = parts.filter(({ share }) => share > 0);
  return (
    <>
      <div className="split" aria-hidden="true">
        {shown.map(({ label, share, color }) => (
          <i key={label} style={{ width: `${share * 100}%`, background: `var(--${color})` }} />
        ))}
      </div>
      <ul className="split-key">
        {parts.map(({ label, share, color }) => (
          <li key={label}>
            <i className="key" style={{ background: `var(--${color})` }} />
            {label} <b>{say(share * 100, 'percent')}</b>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Two slots, as at most two deals are composed live per request. */
function Dots({ count }: { readonly count: number }): ReactNode {
  return (
    <div className="slots" aria-hidden="true">
      {[0, 1].map((slot) => (
        <span key={slot} className="split">
          <i style={{ width: `${Math.max(0, Math.min(1, count - slot)) * 100}%`, background: `var(--${readModel.liveFallback})` }} />
        </span>
      ))}
    </div>
  );
}
