import type { ReactNode } from 'react';
import type { Hash } from '../api/types';
import { Panel } from '../ui/panel';
import { Quantity } from '../ui/quantity';

/** The worker pool of good. */
export function Pool({ now }: { readonly now: Hash }): ReactNode {
  const { workers, busy, queued } = now.pool;
  return (
    <Panel title="Worker pool of good">
      <div className="threads" aria-hidden="true">
        {Array.from({ length: Math.min(64, workers ?? 0) }, (_, i) => (
          <i key={i} className={i < (busy ?? 0) ? 'busy' : undefined} />
        ))}
      </div>
      <dl className="facts">
        {([['Threads', workers], ['Busy', busy], ['Queued', queued]] as const).map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              <Quantity value={value} unit="count" none="unknown" />
            </dd>
          </div>
        ))}
      </dl>
      <p className="quiet">When the queue is full, requests are refused with 429 and Retry-After.</p>
    </Panel>
  );
}
