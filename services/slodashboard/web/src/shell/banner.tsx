import type { ReactNode } from 'react';
import { meta, scenarios, sli } from '../api/feeds';
import { type Snapshot, interval, useFeed } from '../api/feed';
import type { SLI } from '../api/types';
import { age, clock } from '../lib/format';
import { useNow } from '../lib/now';
import { type Route, href } from '../lib/router';
import { Icon } from '../ui/icons';

/** Returns the time of the numbers that are shown, if newer ones are not available. */
export function staleSince({ data, error }: Snapshot<SLI>): number | undefined {
  if (!error) return undefined;
  const said = error.since ?? data?.at;
  return said === undefined ? undefined : Date.parse(said);
}

const subjects: Readonly<Record<string, string>> = {
  prometheus_unavailable: 'Prometheus does not answer',
  unreachable: 'The dashboard’s process does not answer',
};

/** Says while numbers are old, and from when they are. */
export function Banner(): ReactNode {
  const feed = useFeed(sli);
  return (
    <div className="banner-place" role="status" aria-live="polite">
      {feed.error && <Trouble feed={feed} />}
    </div>
  );
}

function Trouble({ feed }: { readonly feed: Snapshot<SLI> }): ReactNode {
  const { error } = feed;
  const since = staleSince(feed);
  const subject = subjects[error?.code ?? ''];
  return (
    <p className="banner">
      <Icon name="alert" />
      <span>
        <strong>{subject ?? 'New numbers are not available'}.</strong>{' '}
        {since === undefined ? (
          'There are no numbers yet.'
        ) : (
          <>
            Numbers are from <time>{clock(since)}</time>
            <Ago since={since} />.
          </>
        )}{' '}
        Retried every {interval / 1000} s. {error?.code !== 'unreachable' && <span className="muted">{error?.message}</span>}
      </span>
    </p>
  );
}

/** Hidden from screen readers, as it changes each second. */
function Ago({ since }: { readonly since: number }): ReactNode {
  return <span aria-hidden="true">, {age(useNow() - since)} ago</span>;
}

/** Says that nothing can be changed, if that is so. */
export function Locked(): ReactNode {
  const locked = useFeed(meta).data?.locked ?? false;
  if (!locked) return null;
  return (
    <p className="banner">
      <Icon name="alert" />
      <span>Read-only: you are on another machine, and the dashboard has no ADMIN_TOKEN.</span>
    </p>
  );
}

/** Says that an experiment is running, except in its own view. */
export function Experimenting({ route }: { readonly route: Route }): ReactNode {
  const running = useFeed(scenarios).data?.experiment ?? '';
  const shown = running !== '' && !(route.view === 'experiments' && route.rest[0] === running);
  return (
    <div className="banner-place" role="status" aria-live="polite">
      {shown && (
        <p className="banner">
          <Icon name="experiments" />
          <span>
            The experiment <strong>{running}</strong> is running, so scenarios are paused. <a href={href('experiments', running)}>Show it</a>
          </span>
        </p>
      )}
    </div>
  );
}
