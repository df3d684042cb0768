import type { ReactNode } from 'react';
import type { ExperimentQuestion } from '../api/types';
import { Icon } from '../ui/icons';
import { Panel } from '../ui/panel';
import type { Prediction } from './predictions';

interface Props {
  readonly questions: readonly ExperimentQuestion[];
  readonly prediction: Prediction;
  /** It can't be changed: the outcome is known, or about to be. */
  readonly fixed: boolean;
  readonly choose: (question: string, choice: number) => void;
  /** Forgets the prediction; undefined while that is not possible. */
  readonly anew: (() => void) | undefined;
}

/** Asks for the prediction. */
export function Predict({ questions, prediction, fixed, choose, anew }: Props): ReactNode {
  return (
    <Panel title="Your prediction" aside={anew && <Anew anew={anew} />}>
      <div className="stack">
        <p className="muted">People who predict first learn more. The prediction is kept in this browser only.</p>
        {questions.map(({ id, text, choices }) => (
          <fieldset key={id} className="question" disabled={fixed}>
            <legend>{text}</legend>
            {choices.map((choice, index) => (
              <label key={choice}>
                <input type="radio" name={id} checked={prediction[id] === index} onChange={() => choose(id, index)} />
                {choice}
              </label>
            ))}
          </fieldset>
        ))}
      </div>
    </Panel>
  );
}

function Anew({ anew }: { readonly anew: () => void }): ReactNode {
  return (
    <button type="button" className="link" onClick={anew}>
      Predict anew
    </button>
  );
}

/** The prediction beside the right answers, with the reasons. */
export function Compared({ questions, prediction }: Pick<Props, 'questions' | 'prediction'>): ReactNode {
  return (
    <dl className="compared-prediction">
      {questions.map(({ id, text, choices, answer, why }) => {
        const choice = prediction[id];
        const right = choice === answer;
        return (
          <div key={id}>
            <dt>{text}</dt>
            {choice !== undefined && (
              <dd className={right ? 'good-text' : 'watch-text'}>
                <Icon name={right ? 'check' : 'cross'} size={13} /> You predicted: {choices[choice]}
              </dd>
            )}
            {!right && <dd>It is: {choices[answer]}</dd>}
            <dd className="muted">{why}</dd>
          </div>
        );
      })}
    </dl>
  );
}
