import type { ReactNode } from 'react';
import { type Snapshot, useFeed } from '../api/feed';
import { sli } from '../api/feeds';
import { clock } from '../lib/format';

interface Props<T> {
  readonly title: string;
  readonly lead: string;
  readonly aside?: ReactNode;
  readonly feed: Snapshot<T>;
  readonly children: (data: T) => ReactNode;
}

/** Says since when the view's numbers are old, unless the banner above all views says so. */
function Old({ feed: { data, error, at } }: { readonly feed: Snapshot<unknown> }): ReactNode {
  const banner = useFeed(sli).error !== undefined;
  if (banner || data === undefined || at === undefined || !error) return null;
  return (
    <p className="watch-text old" role="status">
      These numbers are from {clock(at)}, newer ones are not available: {error.message}.
    </p>
  );
}

/** A view: its title, and its data or the reason why there is none. */
export function View<T>({ title, lead, aside, feed, children }: Props<T>): ReactNode {
  const { data, error } = feed;
  return (
    <>
      <header className="view-head">
        <div>
          <h1 tabIndex={-1}>{title}</h1>
          <p>{lead}</p>
        </div>
        {aside}
      </header>
      <Old feed={feed} />
      {data !== undefined && children(data)}
      {data === undefined && error && (
        <p className="panel empty" role="status">
          No data yet: {error.message}. Retried every 2 s.
        </p>
      )}
      {data === undefined && !error && <div className="skeleton" aria-busy="true" aria-label="Loading" />}
    </>
  );
}
