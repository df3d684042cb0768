import type { ReactNode } from 'react';
import { busyFeed, links } from '../api/feeds';
import { useFeed } from '../api/feed';
import type { BusyTrace, Links } from '../api/types';
import { age, clock } from '../lib/format';
import { linkTo } from '../lib/links';
import { Icon } from '../ui/icons';
import { Quantity } from '../ui/quantity';

/** The traces for which a component used the most CPU time. It shows nothing without profiles or without a page for traces. */
export function Busy({ component }: { readonly component: string }): ReactNode {
  const { data } = useFeed(links);
  const able = ['pyroscope', 'tempo'].every((id) => data?.pages.some((page) => page.id === id && page.available));
  return able ? <Traces component={component} pages={data} /> : null;
}

interface Props {
  readonly component: string;
  readonly pages: Links | undefined;
}

function Traces({ component, pages }: Props): ReactNode {
  const { data, error } = useFeed(busyFeed(component));
  return (
    <section className="drawer-part" aria-label="Traces by CPU time">
      <h3>Traces by CPU time</h3>
      {data ? (
        <p className="quiet">
          {data.traces.length === 0 ? 'No CPU sample of a recorded trace' : 'From CPU samples of recorded traces'} in the last{' '}
          {age(data.windowSec * 1000)}.
        </p>
      ) : (
        error && <p className="quiet">Unknown: {error.message}.</p>
      )}
      {data && data.traces.length > 0 && (
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Span</th>
              <th scope="col" className="number">
                CPU
              </th>
              <th scope="col">Profile of</th>
              <th scope="col">
                <span className="sr-only">Trace</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {data.traces.map((trace) => (
              <TraceRow key={trace.spanId} trace={trace} pages={pages} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function TraceRow({ trace: { traceId, span, cpuMs, at }, pages }: { readonly trace: BusyTrace; readonly pages: Links | undefined }): ReactNode {
  const target = linkTo(pages, 'tempo', 'trace', { trace: traceId });
  return (
    <tr>
      <th scope="row">{span}</th>
      <td className="number">
        <Quantity value={cpuMs} unit="ms" />
      </td>
      <td className="nowrap">{clock(at)}</td>
      <td>
        {target && (
          <a href={target.url} target="_blank" rel="noreferrer">
            Trace<span className="sr-only"> of {span}</span> <Icon name="out" size={11} />
          </a>
        )}
      </td>
    </tr>
  );
}
