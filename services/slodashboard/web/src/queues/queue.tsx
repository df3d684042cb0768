import { useMemo, type ReactNode } from 'react';
import { links } from '../api/feeds';
import { useFeed } from '../api/feed';
import type { History, Queue } from '../api/types';
import { Chart } from '../charts/chart';
import { chartData } from '../charts/from';
import { queues } from '../lib/colors';
import type { Unit, Value } from '../lib/format';
import { linkTo } from '../lib/links';
import { Panel } from '../ui/panel';
import { Quantity } from '../ui/quantity';

type Fact = readonly [label: string, value: Value, unit: Unit];

const first = (queue: Queue): readonly Fact[] => [
  ['Depth', queue.depth, 'count'],
  ['Lag', queue.lagSec, 's'],
  ['Oldest job', queue.oldestSec, 's'],
  ['Dead', queue.dead, 'count'],
];

const second = (queue: Queue): readonly Fact[] => [
  ['Enqueued', queue.enqueuedRps, 'perSecond'],
  ['Completed', queue.completedRps, 'perSecond'],
  ['Retried', queue.retriedRps, 'perSecond'],
  ['Died', queue.diedRps, 'perSecond'],
  ['In flight', queue.inFlight, 'count'],
  ['End to end, p95', queue.endToEndP95Ms, 'ms'],
  ['Refused batches', queue.refusedRps, 'perSecond'],
];

const titles: Readonly<Record<string, string>> = { 'critical-jobs': 'Purchases', 'enrichment-jobs': 'Enrichment' };

export const titleOf = (name: string): string => titles[name] ?? name;

interface Props {
  readonly queue: Queue;
  readonly history: History | null;
}

export function QueuePanel({ queue, history }: Props): ReactNode {
  const { name } = queue;
  const color = queues[name] ?? 'blue';
  const page = linkTo(useFeed(links).data, 'queue-ui', 'queue', { queue: name });
  const depth = useMemo(() => chartData(history, [{ name: 'depth', of: name, label: 'depth', color }]), [history, name, color]);
  const waits = useMemo(
    () =>
      chartData(history, [
        { name: 'lagSec', of: name, label: 'lag', color: 'purple' },
        { name: 'oldestSec', of: name, label: 'oldest job', color: 'orange' },
      ]),
    [history, name],
  );
  const flow = useMemo(
    () =>
      chartData(history, [
        { name: 'enqueuedRps', of: name, label: 'enqueued', color: 'grey' },
        { name: 'completedRps', of: name, label: 'completed', color: 'green' },
      ]),
    [history, name],
  );
  return (
    <Panel
      title={titleOf(name)}
      aside={
        <>
          {page ? (
            <a href={page.url} target="_blank" rel="noreferrer">
              <code>{name}</code>
            </a>
          ) : (
            <code>{name}</code>
          )}{' '}
          {queue.paused && <span className="tag watch">paused</span>}
        </>
      }
    >
      <dl className="queue-first">
        {first(queue).map(([label, value, unit]) => (
          <div key={label} className={label === 'Dead' && value !== 0 ? 'dead' : undefined}>
            <dt>{label}</dt>
            <dd>
              <Quantity value={value} unit={unit} none="unknown" />
            </dd>
          </div>
        ))}
      </dl>
      <dl className="queue-second">
        {second(queue).map(([label, value, unit]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              <Quantity value={value} unit={unit} none="–" />
            </dd>
          </div>
        ))}
      </dl>
      <div className="stack">
        <Chart title="Depth" unit="count" unitName="jobs" data={depth} height={120} />
        <Chart title="In and out" unit="perSecond" unitName="jobs per second" data={flow} height={120} />
        <Chart title="Waiting" unit="s" unitName="time" data={waits} height={120} />
      </div>
    </Panel>
  );
}
