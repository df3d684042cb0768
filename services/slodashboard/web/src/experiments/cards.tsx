import { useId, type ReactNode } from 'react';
import type { ExperimentCard, ExperimentVerdict, Experiments } from '../api/types';
import { age } from '../lib/format';
import { useNow } from '../lib/now';
import { href } from '../lib/router';
import { Quantity } from '../ui/quantity';
import { goesOn } from './options';
import { howRun } from './words';

interface Props {
  readonly all: Experiments;
  readonly missing: string | undefined;
}

/** All experiments. Heavy hash has a view of its own. */
export function Cards({ all: { experiments, run }, missing }: Props): ReactNode {
  const running = goesOn(run) ? run?.experiment : undefined;
  return (
    <div className="stack">
      {missing !== undefined && (
        <p className="panel empty watch-text" role="status">
          Experiments that load the platform are not available: {missing}
        </p>
      )}
      <div className="grid experiment-cards">
        {experiments.map((card) => (
          <Card key={card.id} card={card} running={card.id === running} />
        ))}
        <article className="panel experiment-card" aria-labelledby="heavy-hash">
          <h2 id="heavy-hash">
            <a href={href('hash')}>Heavy hash</a>
          </h2>
          <p>What do other requests notice of hashes, on goroutines of their own and in a bounded pool? With flame graphs of both.</p>
          <p className="quiet">Runs as two scenarios, and as a comparison of a minute.</p>
        </article>
      </div>
    </div>
  );
}

function Card({ card: { id, title, question, takesSec, last }, running }: { readonly card: ExperimentCard; readonly running: boolean }): ReactNode {
  const label = useId();
  return (
    <article className={running ? 'panel experiment-card active' : 'panel experiment-card'} aria-labelledby={label}>
      <h2 id={label}>
        <a href={href('experiments', id)}>{title}</a>
        {running && <span className="tag live">running</span>}
      </h2>
      <p>{question}</p>
      <p className="row quiet">
        <span>
          takes about <Quantity value={takesSec} unit="s" />
        </span>
        {last ? <Last verdict={last} /> : <span>not run yet</span>}
      </p>
    </article>
  );
}

function Last({ verdict }: { readonly verdict: ExperimentVerdict }): ReactNode {
  const now = useNow();
  return (
    <>
      <Promises verdict={verdict} />
      <span>
        {howRun(verdict)}, {age(now - Date.parse(verdict.endedAt))} ago
      </span>
    </>
  );
}

/** How many promises were met. */
export function Promises({ verdict: { met, of } }: { readonly verdict: Pick<ExperimentVerdict, 'met' | 'of'> }): ReactNode {
  return (
    <span className={met === of ? 'tag good' : 'tag bad'}>
      {met} of {of} {of === 1 ? 'promise' : 'promises'} met
    </span>
  );
}
