import type { ReactNode } from 'react';
import { links } from '../api/feeds';
import { useFeed } from '../api/feed';
import type { Node } from '../api/types';
import { historySeconds } from '../charts/model';
import { linkTo, linksOf } from '../lib/links';
import { useNow } from '../lib/now';
import { Icon } from '../ui/icons';

/** The Grafana dashboard for each kind of node. */
const dashboards: Readonly<Record<Node['kind'], string>> = {
  client: 'load',
  api: 'experience-api',
  service: 'overview',
  balancer: 'overview',
  store: 'read-model',
  queue: 'queues',
  worker: 'queues',
};

/** Kinds that send traces and profiles. */
export const instrumented: ReadonlySet<Node['kind']> = new Set(['api', 'service', 'balancer', 'worker']);

/** Links to the node, over the same time, in the other available pages. */
export function Elsewhere({ node: { id, kind } }: { readonly node: Node }): ReactNode {
  const now = useNow();
  const { data } = useFeed(links);
  const range = { from: now - historySeconds * 1000, to: now };
  const targets = [
    linkTo(data, 'grafana', dashboards[kind], range),
    ...(instrumented.has(kind) ? linksOf(data, { service: id, ...range }) : []),
    kind === 'queue' ? linkTo(data, 'queue-ui', 'queue', { queue: id }) : undefined,
  ].filter((target) => target !== undefined);
  if (targets.length === 0) return null;
  return (
    <ul className="drawer-part elsewhere" aria-label="Links for the last 15 minutes">
      {targets.map(({ label, url }) => (
        <li key={label}>
          <a href={url} target="_blank" rel="noreferrer">
            {label} <Icon name="out" size={12} />
          </a>
        </li>
      ))}
    </ul>
  );
}
