import { useState, type ReactNode } from 'react';
import { compareFlames } from '../api/actions';
import { flame, scenarios } from '../api/feeds';
import { useFeed } from '../api/feed';
import type { Flame, FlameReport, FlameStep } from '../api/types';
import { clock, elapsed } from '../lib/format';
import { useNow } from '../lib/now';
import { useAction } from '../ui/action';
import { Panel } from '../ui/panel';

/** Starts the comparison and shows its progress. */
export function FlameStart(): ReactNode {
  const { data, error } = useFeed(flame);
  const [busy, act] = useAction('Flame graph comparison');
  const running = data?.state === 'running';
  const paused = (useFeed(scenarios).data?.experiment ?? '') !== '';
  return (
    <Panel title="CPU profiles">
      <p className="muted">Loads the API with bad hashes, then with good ones, profiles both, and shows the difference. It takes about a minute.</p>
      <p className="flame-start">
        <button type="button" className="button primary" disabled={busy || running || paused || !data} onClick={() => act(compareFlames)}>
          Compare flame graphs
        </button>
        {paused && <span className="quiet"> paused during the experiment</span>}
      </p>
      <div role="status" aria-live="polite">
        {data && <Progress flame={data} />}
        {error && !data && <p className="muted">Unknown: {error.message}.</p>}
      </div>
    </Panel>
  );
}

/** The last report, if there is one. */
export function FlameGraphs(): ReactNode {
  const report = useFeed(flame).data?.report;
  if (!report) return null;
  return (
    <Panel title="Flame graphs" aside={`of ${clock(report.madeAt)}`}>
      <Report report={report} />
    </Panel>
  );
}

function Progress({ flame: { state, step, startedAt, error } }: { readonly flame: Flame }): ReactNode {
  if (state === 'failed') return <p className="bad-text">The comparison failed: {error}</p>;
  if (state !== 'running') return null;
  return (
    <div className="progress">
      {step ? <progress aria-label="Flame graph comparison" value={share(step)} /> : <progress aria-label="Flame graph comparison" />}
      {startedAt && <Running since={Date.parse(startedAt)} />}
      <span className="progress-step">{step ? `Step ${step.number} of ${step.of}: ${step.name}` : 'Starting'}</span>
    </div>
  );
}

/** Returns the progress from 0 to 1. All steps count the same. */
function share({ number, of, elapsedSec, takesSec }: FlameStep): number {
  const within = takesSec > 0 ? Math.min(1, elapsedSec / takesSec) : 0;
  return of === 0 ? 0 : (number - 1 + within) / of;
}

function Running({ since }: { readonly since: number }): ReactNode {
  return (
    <span className="quiet" aria-hidden="true">
      {elapsed(useNow() - since)}
    </span>
  );
}

function Report({ report }: { readonly report: FlameReport }): ReactNode {
  const [large, setLarge] = useState(false);
  const { url, files } = report;
  return (
    <div className="stack">
      <iframe className={large ? 'report large' : 'report'} src={url} title="Flame graphs of bad and good, and their difference" />
      <div className="row">
        <button type="button" className="button small" aria-pressed={large} onClick={() => setLarge(!large)}>
          {large ? 'Smaller' : 'Larger'}
        </button>
        <a href={url} target="_blank" rel="noreferrer" className="button small">
          Open in a new tab
        </a>
        <span className="quiet">Files:</span>
        {files.map((file) => (
          <a key={file.url} href={file.url} download>
            {file.name}
          </a>
        ))}
      </div>
    </div>
  );
}
