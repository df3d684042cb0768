import type { ReactNode } from 'react';
import { links } from '../api/feeds';
import { useFeed } from '../api/feed';
import type { Expectation } from '../api/types';
import { linkTo } from '../lib/links';

/** The query of each expectation, with a link to Prometheus. */
export function Queries({ expectations }: { readonly expectations: readonly Expectation[] }): ReactNode {
  const { data } = useFeed(links);
  return (
    <dl className="queries">
      {expectations.map(({ id, text, query }) => {
        const prometheus = linkTo(data, 'prometheus', 'graph', { query });
        return (
          <div key={id}>
            <dt>
              {text}{' '}
              {prometheus && (
                <a href={prometheus.url} target="_blank" rel="noreferrer">
                  {prometheus.label}
                </a>
              )}
            </dt>
            <dd>
              <code>{query}</code>
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
