import { useState, type ReactNode } from 'react';
import { startExperiment, stopExperiment } from '../api/actions';
import type { ExperimentDetail, ExperimentRun } from '../api/types';
import { age, elapsed } from '../lib/format';
import { useNow } from '../lib/now';
import { useAction } from '../ui/action';
import { Icon } from '../ui/icons';
import { Panel } from '../ui/panel';
import { Bounds } from './bounds';
import { type Options, goesOn, rounds, takes, typedBounds, usual } from './options';
import { progressOf } from './words';

interface Props {
  readonly experiment: ExperimentDetail;
  /** The current or last run, if it is of this experiment. */
  readonly run: ExperimentRun | undefined;
  /** The reason why it can't be started, if so. */
  readonly blocked: ReactNode;
}

/** Starts and stops a run, and shows its progress. */
export function Run({ experiment, run, blocked }: Props): ReactNode {
  const [options, setOptions] = useState(usual);
  const [busy, act] = useAction(experiment.title);
  const running = run && goesOn(run) ? run : undefined;
  const waits = busy || running?.state === 'stopping';
  const labelOf = (id: string): string => experiment.arms.find((arm) => arm.id === id)?.label ?? id;
  const start = (): Promise<void> => startExperiment(experiment.id, { repeats: options.rounds, quick: options.quick, arm: options.arm, bounds: typedBounds(experiment.promises, options) });
  return (
    <Panel title="Run">
      <div className="stack">
        <Knobs experiment={experiment} options={options} change={setOptions} fixed={running !== undefined} />
        <div className="controls">
          <button
            type="button"
            className={running ? 'button' : 'button primary'}
            // While it waits it is not disabled, which would take the focus away.
            disabled={!running && blocked !== undefined}
            aria-disabled={waits}
            aria-describedby="run-note"
            onClick={() => !waits && act(running ? stopExperiment : start)}
          >
            <Icon name={running ? 'stop' : 'play'} size={13} />
            {running ? (running.state === 'stopping' ? 'Stopping' : 'Stop') : 'Start'}
          </button>
          <span id="run-note" className="quiet">
            {running ? meanwhile(experiment) : (blocked ?? `Takes about ${age(takes(experiment, options) * 1000)}.`)}
          </span>
        </div>
        {running && <Bar run={running} />}
        <div role="status" aria-live="polite" className="run-state">
          {running && <p>{progressOf(running, labelOf)}</p>}
          {run && !running && <Ended run={run} experiment={experiment} />}
        </div>
      </div>
    </Panel>
  );
}

const meanwhile = ({ replay }: ExperimentDetail): string => `${replay ? '' : 'Scenarios are paused meanwhile. '}The run goes on without this page.`;

interface KnobsProps {
  readonly experiment: ExperimentDetail;
  readonly options: Options;
  readonly change: (options: Options) => void;
  readonly fixed: boolean;
}

function Knobs({ experiment: { arms, promises, replay }, options, change, fixed }: KnobsProps): ReactNode {
  const choices = Array.from({ length: rounds.most - rounds.least + 1 }, (_, i) => rounds.least + i);
  return (
    <fieldset className="knobs" disabled={fixed}>
      <legend className="quiet">Try your own</legend>
      {!replay && (
        <label>
          Rounds
          <select value={options.rounds} onChange={(event) => change({ ...options, rounds: Number(event.target.value) })}>
            {choices.map((count) => (
              <option key={count}>{count}</option>
            ))}
          </select>
        </label>
      )}
      <label>
        Arms
        <select value={options.arm} onChange={(event) => change({ ...options, arm: event.target.value })}>
          <option value="">all</option>
          {arms.map(({ id, label }) => (
            <option key={id} value={id}>
              only {label}
            </option>
          ))}
        </select>
      </label>
      {!replay && (
        <label>
          <input type="checkbox" checked={options.quick} onChange={(event) => change({ ...options, quick: event.target.checked })} />
          Quick: half the load, with looser bounds
        </label>
      )}
      <Bounds promises={promises} options={options} change={change} />
    </fieldset>
  );
}

/** The time that has passed and the time left. Hidden from screen readers but for the bar, as it changes each second. */
function Bar({ run }: { readonly run: ExperimentRun }): ReactNode {
  const passed = Math.max(0, useNow() - Date.parse(run.startedAt)) / 1000;
  const { phase, elapsedSec, lengthSec, leftSec } = run;
  return (
    <div className="run-progress">
      <progress aria-label="Progress of the run" value={passed / Math.max(1, passed + leftSec)} />
      <span className="quiet" aria-hidden="true">
        {elapsed(passed * 1000)}, about {age(leftSec * 1000)} left
        {phase === 'loading' && `; load ${Math.floor(elapsedSec)} of ${lengthSec}\u202fs`}
      </span>
    </div>
  );
}

function Ended({ run, experiment: { last } }: { readonly run: ExperimentRun; readonly experiment: ExperimentDetail }): ReactNode {
  if (run.state === 'failed') return <p className="bad-text">The run failed, and nothing of it is kept: {run.error}</p>;
  if (run.state === 'stopped') return <p>The run was stopped. All settings are back, and nothing of it is kept.</p>;
  // The verdict is of an earlier run until it has been loaded anew.
  if (!last || Date.parse(last.endedAt) < Date.parse(run.startedAt)) return <p>The run has ended.</p>;
  return (
    <p>
      The run has ended: {last.met} of {last.of} {last.of === 1 ? 'promise' : 'promises'} met.
    </p>
  );
}
