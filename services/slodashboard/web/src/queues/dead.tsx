import type { ReactNode } from 'react';
import { replay } from '../api/actions';
import { links } from '../api/feeds';
import { useFeed } from '../api/feed';
import type { DeadJob, Queue } from '../api/types';
import { age, clock } from '../lib/format';
import { linkTo } from '../lib/links';
import { useNow } from '../lib/now';
import { useAction } from '../ui/action';
import { Icon } from '../ui/icons';
import { notify } from '../ui/notices';
import { Panel } from '../ui/panel';
import { titleOf } from './queue';

/** The dead jobs of a queue, with their errors and a way to replay them. */
export function DeadJobs({ queue, known }: { readonly queue: Queue; readonly known: boolean }): ReactNode {
  const { name, dead, deadJobs } = queue;
  const [busy, act] = useAction(`Replay of ${name}`);
  const send = (which: { id: string } | { all: true }): void =>
    act(async () => {
      const count = await replay(name, which);
      notify('done', `${count} ${count === 1 ? 'job is' : 'jobs are'} in ${name} again.`);
    });
  const aside = dead > 0 && (
    <button type="button" className="button small" disabled={busy} onClick={() => send({ all: true })}>
      Replay all {dead}
      <span className="sr-only"> of {name}</span>
    </button>
  );
  return (
    <Panel title={`Dead jobs: ${titleOf(name).toLowerCase()}`} aside={aside} flush>
      {deadJobs.length === 0 ? (
        <p className="empty">{known ? 'None. A job is dead after its last attempt has failed.' : 'Unknown.'}</p>
      ) : (
        <div className="scroll" tabIndex={0} role="region" aria-label={`Dead jobs of ${name}, table`}>
          <table className="table dead-jobs">
            <thead>
              <tr>
                <th scope="col">Job</th>
                <th scope="col">Failed step</th>
                <th scope="col">Last error</th>
                <th scope="col" className="number">
                  Attempts
                </th>
                <th scope="col">Died</th>
                <th scope="col">
                  <span className="sr-only">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {deadJobs.map((job) => (
                <DeadRow key={job.id} job={job} busy={busy} replay={() => send({ id: job.id })} />
              ))}
            </tbody>
          </table>
          {dead > deadJobs.length && (
            <p className="empty">
              The latest {deadJobs.length} of {dead}.
            </p>
          )}
        </div>
      )}
    </Panel>
  );
}

function DeadRow({ job, busy, replay: again }: { readonly job: DeadJob; readonly busy: boolean; readonly replay: () => void }): ReactNode {
  const now = useNow();
  const { data } = useFeed(links);
  const { id, failedStep, lastError, attempts, diedAt, replayedAt, traceId } = job;
  const trace = traceId === '' ? undefined : linkTo(data, 'tempo', 'trace', { trace: traceId });
  return (
    <tr>
      <th scope="row">
        <code>{id}</code>
      </th>
      <td>{failedStep === '' ? <span className="quiet">none</span> : <span className="tag bad">{failedStep}</span>}</td>
      <td className="last-error">{lastError}</td>
      <td className="number">{attempts}</td>
      <td className="nowrap" title={clock(diedAt)}>
        {age(now - Date.parse(diedAt))} ago
        {replayedAt && <span className="quiet">, replayed {clock(replayedAt)}</span>}
      </td>
      <td className="nowrap dead-actions">
        {trace && (
          <a href={trace.url} target="_blank" rel="noreferrer">
            Trace<span className="sr-only"> of {id}</span> <Icon name="out" size={11} />
          </a>
        )}
        <button type="button" className="button small" disabled={busy} onClick={again}>
          Replay<span className="sr-only"> {id}</span>
        </button>
      </td>
    </tr>
  );
}
