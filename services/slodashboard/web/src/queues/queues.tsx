import type { ReactNode } from 'react';
import { links, queues } from '../api/feeds';
import { useFeed } from '../api/feed';
import type { Queue } from '../api/types';
import { Icon } from '../ui/icons';
import { View } from '../ui/view';
import { DeadJobs } from './dead';
import { QueuePanel } from './queue';
import './queues.css';

/** Purchases first. */
const inOrder = (all: readonly Queue[]): readonly Queue[] => [...all].sort((a, b) => a.name.localeCompare(b.name));

export default function QueuesView(): ReactNode {
  const feed = useFeed(queues);
  const ui = useFeed(links).data?.pages.find((page) => page.id === 'queue-ui' && page.available);
  const aside = ui && (
    <a className="button" href={ui.url} target="_blank" rel="noreferrer">
      {ui.label} <Icon name="out" size={12} />
    </a>
  );
  return (
    <View
      title="Purchases and queues"
      lead="Jobs that are accepted and not yet done. A job that fails its last attempt stays in the dead letter queue (DLQ) until it is replayed; no job is dropped."
      aside={aside}
      feed={feed}
    >
      {(now) => (
        <div className="stack">
          <div className="grid cols-2">
            {inOrder(now.queues).map((queue) => (
              <QueuePanel key={queue.name} queue={queue} history={now.history} />
            ))}
          </div>
          {now.dlqNote !== '' && (
            <p className="panel empty watch-text" role="status">
              Dead jobs are not available: {now.dlqNote}
            </p>
          )}
          {inOrder(now.queues).map((queue) => (
            <DeadJobs key={queue.name} queue={queue} known={now.dlqNote === ''} />
          ))}
        </div>
      )}
    </View>
  );
}
