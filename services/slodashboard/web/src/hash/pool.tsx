import type { ReactNode } from 'react';
import type { Hash } from '../api/types';
import { Panel } from '../ui/panel';
import { Quantity } from '../ui/quantity';

/** The pool of the good way, now. */
export function Pool({ now }: { readonly now: Hash }): ReactNode {
  const { workers, busy, queued } = now.pool;
  return (
    <Panel title="The good way’s pool, now">
      <div className="threads" aria-hidden="true">
        {Array.from({ length: Math.min(64, workers ?? 0) }, (_, i) => (
          <i key={i} className={i < (busy ?? 0) ? 'busy' : undefined} />
        ))}
      </div>
      <dl className="facts">
        <div>
          <dt>Threads</dt>
          <dd>
            <Quantity value={workers} unit="count" none="not known" />
          </dd>
        </div>
        <div>
          <dt>Busy</dt>
          <dd>
            <Quantity value={busy} unit="count" none="not known" />
          </dd>
        </div>
        <div>
          <dt>Queued</dt>
          <dd>
            <Quantity value={queued} unit="count" none="not known" />
          </dd>
        </div>
      </dl>
      <p className="quiet">When its queue is full the next one is refused with 429 and a Retry-After, rather than left to slow down everybody.</p>
    </Panel>
  );
}
