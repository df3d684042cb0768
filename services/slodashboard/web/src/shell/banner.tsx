import type { ReactNode } from 'react';
import { meta, sli } from '../api/feeds';
import { type Snapshot, interval, useFeed } from '../api/feed';
import type { SLI } from '../api/types';
import { age, clock } from '../lib/format';
import { useNow } from '../lib/now';
import { Icon } from '../ui/icons';

/** When the numbers that are shown were true, while newer ones can't be had. */
export function staleSince({ data, error }: Snapshot<SLI>): number | undefined {
  if (!error) return undefined;
  const said = error.since ?? data?.at;
  return said === undefined ? undefined : Date.parse(said);
}

const subjects: Readonly<Record<string, string>> = {
  prometheus_unavailable: 'Prometheus does not answer',
  unreachable: 'The dashboard’s process does not answer',
};

/** Says that numbers are old and since when; goes by itself once they are not. */
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
        <strong>{subject ?? 'The numbers can’t be had'}.</strong>{' '}
        {since === undefined ? (
          'There are none yet.'
        ) : (
          <>
            Numbers are from <time>{clock(since)}</time>
            <Ago since={since} />.
          </>
        )}{' '}
        Asked again every {interval / 1000} s. {error?.code !== 'unreachable' && <span className="muted">{error?.message}</span>}
      </span>
    </p>
  );
}

/** Changes each second, which a screen reader need not hear. */
function Ago({ since }: { readonly since: number }): ReactNode {
  return <span aria-hidden="true">, {age(useNow() - since)} ago</span>;
}

/** Said where it is so, rather than by each button. */
export function Locked(): ReactNode {
  const locked = useFeed(meta).data?.locked ?? false;
  if (!locked) return null;
  return (
    <p className="banner">
      <Icon name="alert" />
      <span>You look on from another machine, and the dashboard has no DASHBOARD_TOKEN: nothing can be changed from here.</span>
    </p>
  );
}
