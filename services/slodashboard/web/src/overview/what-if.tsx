import { useEffect, useId, useMemo, useState, type ReactNode } from 'react';
import { Feed, useFeed } from '../api/feed';
import type { Objective, ObjectiveSet, WhatIf as Answer } from '../api/types';
import { say, sayRound } from '../lib/format';
import { Budget } from './budget';
import { burnSeverity } from './burn';
import { named, percent } from './names';
import { steps, targetAt } from './targets';

interface LatencyObjective extends Objective {
  readonly targetMs: number;
}

const isLatency = (objective: Objective): objective is LatencyObjective => objective.targetMs !== null;

/** What another target would make of the latency objectives, over the period of the set. */
export function WhatIf({ set }: { readonly set: ObjectiveSet }): ReactNode {
  const objectives = set.objectives.filter(isLatency);
  if (objectives.length === 0) return null;
  return (
    <section className="what-if" aria-labelledby="what-if">
      <h3 id="what-if">What if the target were different?</h3>
      <p className="quiet">Each event of the last {sayRound(set.periodSec, 's')} is compared with the target that you choose. Nothing is changed.</p>
      {objectives.map((objective) => (
        <Trial key={objective.name} objective={objective} />
      ))}
    </section>
  );
}

/** A slider for the target of one objective. The objective's own target is in its middle. */
function Trial({ objective }: { readonly objective: LatencyObjective }): ReactNode {
  const { id, name, targetMs } = objective;
  const marks = useId();
  const [step, setStep] = useState(0);
  const wanted = targetAt(targetMs, step);
  const answer = useWhatIf(id, wanted);
  const own = sayRound(targetMs, 'ms');
  return (
    <div className="trial" role="group" aria-label={named(name)}>
      <strong>{named(name)}</strong>
      <label className="trial-target">
        <span className="sr-only">Target</span>
        <input
          type="range"
          list={marks}
          min={-steps}
          max={steps}
          value={step}
          aria-valuetext={`${sayRound(wanted, 'ms')}; the objective's own target is ${own}`}
          onChange={(event) => setStep(event.target.valueAsNumber)}
        />
        <output>{sayRound(wanted, 'ms')}</output>
        <span className="quiet own">own target: {own}</span>
      </label>
      <datalist id={marks}>
        <option value={0} />
      </datalist>
      <Outcome answer={answer} />
    </div>
  );
}

function Outcome({ answer }: { readonly answer: Answer | string | undefined }): ReactNode {
  if (typeof answer === 'string') return <p className="watch-text">{answer}</p>;
  if (answer?.deliveredPct == null) return <p className="quiet">{answer ? 'No events in the period.' : 'Not yet known.'}</p>;
  const { deliveredPct, objectivePct, totalEvents, budgetLeftPct, burnRate } = answer;
  return (
    <dl className="outcome" data-target={answer.targetMs}>
      <div>
        <dt>Good, of {say(totalEvents, 'count')}</dt>
        <dd>
          {percent(deliveredPct)} <span className="quiet">objective {percent(objectivePct)}</span>
        </dd>
      </div>
      <div>
        <dt>Error budget left</dt>
        <dd>
          <Budget left={budgetLeftPct} />
        </dd>
      </div>
      <div>
        <dt>Burn rate</dt>
        <dd className={`burn ${burnSeverity(burnRate ?? 0)}`}>{say(burnRate, 'burn')}</dd>
      </div>
    </dl>
  );
}

const pause = 150; // ms without a move of the slider, after which the target is asked for
const every = 2; // polls

/** Returns the newest answer, or why there is none. While the answer for a new target is on its way, it returns the one before. */
function useWhatIf(id: string, wanted: number): Answer | string | undefined {
  const [targetMs, setTargetMs] = useState(wanted);
  useEffect(() => {
    const timer = setTimeout(() => setTargetMs(wanted), pause);
    return () => clearTimeout(timer);
  }, [wanted]);
  const feed = useMemo(() => new Feed<Answer>(`/api/slo/what-if?objective=${encodeURIComponent(id)}&targetMs=${targetMs}`, every), [id, targetMs]);
  const { data, error } = useFeed(feed);
  const [last, setLast] = useState(data);
  if (data !== undefined && data !== last) setLast(data);
  if (error) return error.message;
  return data ?? (last?.objective === id ? last : undefined);
}
