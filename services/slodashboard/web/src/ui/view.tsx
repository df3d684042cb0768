import type { ReactNode } from 'react';
import type { Snapshot } from '../api/feed';
import { clock } from '../lib/format';

interface Props<T> {
  readonly title: string;
  readonly lead: string;
  readonly aside?: ReactNode;
  readonly feed: Snapshot<T>;
  readonly children: (data: T) => ReactNode;
}

// What concerns all views stands above them, in the banner.
const saidAbove: ReadonlySet<string> = new Set(['prometheus_unavailable', 'unreachable']);

function Old({ feed: { data, error, at } }: { readonly feed: Snapshot<unknown> }): ReactNode {
  if (data === undefined || at === undefined || !error || saidAbove.has(error.code)) return null;
  return (
    <p className="watch-text old" role="status">
      These numbers are from {clock(at)}; newer ones can’t be had: {error.message}.
    </p>
  );
}

/** The frame of a view: its title, and its data, or why there are none. */
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
          Nothing to show yet: {error.message}. It is asked again every two seconds.
        </p>
      )}
      {data === undefined && !error && <div className="skeleton" aria-busy="true" aria-label="Loading" />}
    </>
  );
}
