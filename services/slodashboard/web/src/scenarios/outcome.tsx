import type { ReactNode } from 'react';
import type { Run } from '../api/types';
import { age, clock, elapsed, say } from '../lib/format';
import { useNow } from '../lib/now';
import { State } from '../ui/state';

const words = { '': 'running', stopped: 'stopped', completed: 'completed', failed: 'failed' } as const;

export function outcomeState(run: Run): ReactNode {
  return <State severity={run.outcome === 'failed' ? 'bad' : run.outcome === '' ? 'unknown' : 'good'}>{words[run.outcome]}</State>;
}

/** The outcome of the last run. */
export function Outcome({ run }: { readonly run: Run }): ReactNode {
  const now = useNow();
  const { summary, endedAt, elapsedSec } = run;
  return (
    <div className="outcome">
      <p className="row">
        <span className="quiet">Last run</span>
        {outcomeState(run)}
        {endedAt && (
          <span className="quiet" title={clock(endedAt)}>
            {age(now - Date.parse(endedAt))} ago, after {elapsed(elapsedSec * 1000)}
          </span>
        )}
      </p>
      {summary && (
        <p className="quiet">
          {say(summary.requests, 'count')} requests, {say(summary.failures, 'count')} failed,{' '}
          {summary.notSent > 0 && `${say(summary.notSent, 'count')} not sent in time, `}
          {summary.refusedPct > 0 && `${say(summary.refusedPct, 'percent')} refused, `}
          {say(summary.rps, 'rps')}, p95{' '}
          {say(summary.p95Ms, 'ms')}
        </p>
      )}
      {run.outcome === 'failed' && <Failure run={run} />}
    </div>
  );
}

/** The error of a failed run, with the last lines of k6's output. */
export function Failure({ run }: { readonly run: Run }): ReactNode {
  return (
    <div className="failure">
      <p className="bad-text">{run.error || 'k6 exited.'}</p>
      {run.lastLines.length > 0 && (
        <pre tabIndex={0} aria-label="Last lines of k6’s output">
          {run.lastLines.join('\n')}
        </pre>
      )}
    </div>
  );
}
