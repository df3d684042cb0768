import { useId, useState, type KeyboardEvent, type ReactNode } from 'react';
import type { ExperimentAnswer, ExperimentQuestion, ExperimentSlider } from '../api/types';
import { Icon } from '../ui/icons';
import { Panel } from '../ui/panel';
import { type Prediction, isNear } from './predictions';
import { quantity } from './words';

interface Props {
  readonly questions: readonly ExperimentQuestion[];
  readonly prediction: Prediction;
  /** It can't be changed: the outcome is known, or about to be. */
  readonly fixed: boolean;
  readonly choose: (question: string, answer: number) => void;
  /** Forgets the prediction; undefined while that is not possible. */
  readonly anew: (() => void) | undefined;
}

/** Asks for the prediction. */
export function Predict({ questions, prediction, fixed, choose, anew }: Props): ReactNode {
  return (
    <Panel title="Your prediction" aside={anew && <Anew anew={anew} />}>
      <div className="stack">
        <p className="muted">People who predict first learn more. The prediction is kept in this browser only.</p>
        {questions.map(({ id, text, choices, slider }) => (
          <fieldset key={id} className="question" disabled={fixed}>
            <legend>{text}</legend>
            {slider && <Slider of={slider} label={text} predicted={prediction[id]} choose={(number) => choose(id, number)} />}
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

interface SliderProps {
  readonly of: ExperimentSlider;
  readonly label: string;
  readonly predicted: number | undefined;
  readonly choose: (number: number) => void;
}

/** Asks for a number. It stands in the middle until it is moved, which is no answer; a click or Enter takes the middle. */
function Slider({ of: { min, max, step, unit }, label, predicted, choose }: SliderProps): ReactNode {
  const id = useId();
  const [middle] = useState(() => min + Math.round((max - min) / step / 2) * step);
  const shown = predicted ?? middle;
  const take = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') choose(shown);
  };
  return (
    <div className="slider">
      <span aria-hidden="true">{quantity(min, unit)}</span>
      <input
        type="range"
        id={id}
        className={predicted === undefined ? 'unanswered' : undefined}
        {...{ min, max, step }}
        value={shown}
        aria-label={label}
        aria-valuetext={predicted === undefined ? 'not answered' : quantity(predicted, unit)}
        onChange={(event) => choose(event.target.valueAsNumber)}
        onPointerUp={(event) => choose(event.currentTarget.valueAsNumber)}
        onKeyDown={take}
      />
      <span aria-hidden="true">{quantity(max, unit)}</span>
      <output htmlFor={id}>{predicted === undefined ? 'move the slider' : quantity(predicted, unit)}</output>
    </div>
  );
}

function Anew({ anew }: { readonly anew: () => void }): ReactNode {
  return (
    <button type="button" className="link" onClick={anew}>
      Predict anew
    </button>
  );
}

interface ComparedProps extends Pick<Props, 'questions' | 'prediction'> {
  /** What the last run measured. */
  readonly answers: readonly ExperimentAnswer[];
}

/** The prediction beside the right answers, with the reasons. */
export function Compared({ questions, prediction, answers }: ComparedProps): ReactNode {
  return (
    <dl className="compared-prediction">
      {questions.map((question) => {
        const { id, text, why } = question;
        const measured = answers.find((answer) => answer.question === id)?.measured ?? null;
        return (
          <div key={id}>
            <dt>{text}</dt>
            <Outcome {...outcomeOf(question, prediction[id], measured)} />
            <dd className="muted">{why}</dd>
          </div>
        );
      })}
    </dl>
  );
}

interface OutcomeOf {
  readonly right: boolean;
  /** Undefined if nothing was predicted. */
  readonly predicted: string | undefined;
  /** Undefined if the prediction says it. */
  readonly truth: string | undefined;
}

function outcomeOf({ choices, answer, slider }: ExperimentQuestion, predicted: number | undefined, measured: number | null): OutcomeOf {
  if (!slider) {
    const right = predicted === answer;
    const chosen = predicted === undefined ? undefined : choices[predicted];
    return { right, predicted: chosen, truth: right ? undefined : `It is: ${choices[answer]}` };
  }
  const { unit } = slider;
  const usual = `Usual: ${quantity(slider.answer, unit)}; the run did not measure it`;
  const truth = measured === null ? usual : `Measured: ${quantity(measured, unit)}`;
  if (predicted === undefined) return { right: false, predicted, truth };
  return { right: isNear(slider, predicted, measured), predicted: quantity(predicted, unit), truth };
}

function Outcome({ right, predicted, truth }: OutcomeOf): ReactNode {
  return (
    <>
      {predicted !== undefined && (
        <dd className={right ? 'good-text' : 'watch-text'}>
          <Icon name={right ? 'check' : 'cross'} size={13} /> You predicted: {predicted}
        </dd>
      )}
      {truth !== undefined && <dd>{truth}</dd>}
    </>
  );
}
