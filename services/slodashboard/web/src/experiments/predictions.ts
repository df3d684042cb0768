// What a learner predicts, kept in the browser.

import type { ExperimentQuestion, ExperimentSlider } from '../api/types';
import { forget, keep, recall } from '../lib/storage';

/** The index of the chosen answer or the number of the slider, by the id of the question. */
export type Prediction = Readonly<Record<string, number>>;

const key = (experiment: string): string => `prediction.${experiment}`;

const isPrediction = (value: unknown): value is Prediction =>
  typeof value === 'object' && value !== null && Object.values(value).every((choice) => Number.isFinite(choice));

/** Reports whether an experiment has such an answer. */
function isAnswer({ choices, slider }: ExperimentQuestion, answer: number): boolean {
  return slider ? answer >= slider.min && answer <= slider.max : choices[answer] !== undefined;
}

/** Returns the kept prediction, without answers that the experiment does not have. */
export function recallPrediction(experiment: string, questions: readonly ExperimentQuestion[]): Prediction {
  const kept = recall(key(experiment), {}, isPrediction);
  const valid = questions.flatMap((question) => {
    const answer = kept[question.id];
    return answer !== undefined && isAnswer(question, answer) ? [[question.id, answer] as const] : [];
  });
  return Object.fromEntries(valid);
}

export const keepPrediction = (experiment: string, prediction: Prediction): void => keep(key(experiment), prediction);

export const forgetPrediction = (experiment: string): void => forget(key(experiment));

export const isWhole = (prediction: Prediction, questions: readonly ExperimentQuestion[]): boolean => questions.every(({ id }) => prediction[id] !== undefined);

/** Reports whether a prediction by a slider is right: it is near what was measured, or near the usual number where nothing was. */
export function isNear({ answer, tolerance }: ExperimentSlider, predicted: number, measured: number | null): boolean {
  const rounding = 1e-9; // 0.35 - 0.3 is over 0.05
  return Math.abs(predicted - (measured ?? answer)) <= tolerance + rounding;
}
