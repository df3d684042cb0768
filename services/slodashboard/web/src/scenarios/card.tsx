import { useState, type ReactNode } from 'react';
import { setScenario } from '../api/actions';
import type { Scenario } from '../api/types';
import { age, elapsed } from '../lib/format';
import { useNow } from '../lib/now';
import { useAction } from '../ui/action';
import { Icon } from '../ui/icons';
import { Checks } from './checks';
import { Queries } from './queries';
import { Outcome } from './outcome';

interface Props {
  readonly scenario: Scenario;
  /** The reason why no further scenario can be started, if so. */
  readonly blocked: string | undefined;
}

export function ScenarioCard({ scenario, blocked }: Props): ReactNode {
  const { id, label, summary, explanation, lookFor, active, run, expectations, intensity } = scenario;
  const running = run?.state === 'running' || run?.state === 'stopping';
  return (
    <article id={`scenario-${id}`} className={active ? 'panel scenario active' : 'panel scenario'} aria-labelledby={`label-${id}`}>
      <div className="scenario-head">
        <h2 id={`label-${id}`}>{label}</h2>
        {scenario.default && <span className="tag">starts automatically</span>}
        {active && <Elapsed since={run?.startedAt} />}
      </div>
      <p className="muted">{summary}</p>
      <p>
        <span className="quiet">Look for: </span>
        {lookFor}
      </p>
      <details>
        <summary>Details</summary>
        <p className="muted">{explanation}</p>
        <Queries expectations={expectations} />
      </details>
      <Checks expectations={expectations} checks={run?.checks ?? []} live={running} />
      <Controls key={`${intensity.default}`} scenario={scenario} blocked={active ? undefined : blocked} />
      {run && !active && <Outcome run={run} />}
    </article>
  );
}

function Elapsed({ since }: { readonly since: string | undefined }): ReactNode {
  const now = useNow();
  return (
    <span className="tag live elapsed">
      running {since !== undefined && <span aria-hidden="true">{elapsed(now - Date.parse(since))}</span>}
    </span>
  );
}

interface ControlsProps {
  readonly scenario: Scenario;
  readonly blocked: string | undefined;
}

function Controls({ scenario, blocked }: ControlsProps): ReactNode {
  const { id, label, active, run, intensity, lastsSec } = scenario;
  const [factor, setFactor] = useState(intensity.default);
  const [busy, act] = useAction(label);
  const stopping = run?.state === 'stopping';
  const shown = active && run ? run.intensity : factor;
  const fixed = intensity.min === intensity.max;
  return (
    <div className="controls">
      <button
        type="button"
        className={active ? 'button' : 'button primary'}
        disabled={busy || blocked !== undefined || stopping}
        aria-describedby={`note-${id}`}
        onClick={() => act(() => setScenario(id, !active, factor))}
      >
        <Icon name={active ? 'stop' : 'play'} size={13} />
        {active ? (stopping ? 'Stopping' : 'Stop') : 'Start'}
        <span className="sr-only"> {label}</span>
      </button>
      {!fixed && (
        <label className="intensity">
          <span className="quiet">Intensity</span>
          <input
            type="range"
            min={intensity.min}
            max={intensity.max}
            step={0.1}
            value={shown}
            disabled={active}
            aria-valuetext={`${shown} times`}
            onChange={(event) => setFactor(Number(event.target.value))}
          />
          <output>{shown.toFixed(1)}×</output>
        </label>
      )}
      <span id={`note-${id}`} className="quiet">
        {blocked ?? `ends after ${age(lastsSec * 1000)}`}
      </span>
    </div>
  );
}

