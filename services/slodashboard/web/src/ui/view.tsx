import type { ReactNode } from 'react';
import type { Snapshot } from '../api/feed';

interface Props<T> {
  readonly title: string;
  readonly lead: string;
  readonly aside?: ReactNode;
  readonly feed: Snapshot<T>;
  readonly children: (data: T) => ReactNode;
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
