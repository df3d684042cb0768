import { Fragment, useState, type ReactNode } from 'react';
import { links } from '../api/feeds';
import { type Snapshot, useFeed } from '../api/feed';
import type { Run, Runs, Scenario } from '../api/types';
import { clock, elapsed, say } from '../lib/format';
import { linkTo } from '../lib/links';
import { Icon } from '../ui/icons';
import { Panel } from '../ui/panel';
import { Failure, outcomeState } from './outcome';

interface Props {
  readonly feed: Snapshot<Runs>;
  readonly scenarios: readonly Scenario[];
}

export function RunHistory({ feed, scenarios }: Props): ReactNode {
  const { data, error } = feed;
  const label = (id: string): string => scenarios.find((scenario) => scenario.id === id)?.label ?? id;
  const aside = data && <span className="quiet">since {clock(data.since)}, the last {data.limit}</span>;
  return (
    <Panel title="Runs" aside={aside} flush>
      {!data || data.runs.length === 0 ? (
        <p className="empty">{error ? error.message : 'None yet.'}</p>
      ) : (
        <div className="scroll" tabIndex={0} role="region" aria-label="Runs, table">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Scenario</th>
                <th scope="col">Started</th>
                <th scope="col" className="number">
                  Duration
                </th>
                <th scope="col" className="number">
                  Intensity
                </th>
                <th scope="col">Expectations met</th>
                <th scope="col">Outcome</th>
                <th scope="col" className="number">
                  Requests
                </th>
                <th scope="col" className="number">
                  Failures
                </th>
                <th scope="col" className="number">
                  Rate
                </th>
                <th scope="col" className="number">
                  Average
                </th>
                <th scope="col" className="number">
                  p95
                </th>
                <th scope="col">
                  <span className="sr-only">More</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {data.runs.map((run) => (
                <RunRow key={run.id} run={run} label={label(run.scenario)} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function RunRow({ run, label }: { readonly run: Run; readonly label: string }): ReactNode {
  const [open, setOpen] = useState(false);
  const { data } = useFeed(links);
  const from = Date.parse(run.startedAt);
  const to = run.endedAt ? Date.parse(run.endedAt) : from + run.elapsedSec * 1000;
  const grafana = linkTo(data, 'grafana', 'overview', { from: from - 30_000, to: to + 60_000 });
  const seen = run.checks.filter(({ metAt }) => metAt !== null).length;
  const { summary } = run;
  return (
    <Fragment>
      <tr>
        <th scope="row">{label}</th>
        <td>{clock(from)}</td>
        <td className="number">{elapsed(run.elapsedSec * 1000)}</td>
        <td className="number">{run.intensity.toFixed(1)}×</td>
        <td>{run.checks.length > 0 && `${seen} of ${run.checks.length}`}</td>
        <td>{outcomeState(run)}</td>
        <td className="number">{summary ? say(summary.requests, 'count') : '–'}</td>
        <td className="number">{summary ? say(summary.failures, 'count') : '–'}</td>
        <td className="number">{summary ? say(summary.rps, 'rps') : '–'}</td>
        <td className="number">{summary ? say(summary.averageMs, 'ms') : '–'}</td>
        <td className="number">{summary ? say(summary.p95Ms, 'ms') : '–'}</td>
        <td>
          {grafana && (
            <a href={grafana.url} target="_blank" rel="noreferrer" className="nowrap">
              Grafana<span className="sr-only">, the time of this run</span> <Icon name="out" size={11} />
            </a>
          )}{' '}
          {run.outcome === 'failed' && (
            <button type="button" className="link" aria-expanded={open} onClick={() => setOpen(!open)}>
              why
            </button>
          )}
        </td>
      </tr>
      {open && (
        <tr>
          <td colSpan={12}>
            <Failure run={run} />
          </td>
        </tr>
      )}
    </Fragment>
  );
}
