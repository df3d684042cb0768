// What a learner predicts, kept in the browser.

import type { ExperimentQuestion } from '../api/types';
import { forget, keep, recall } from '../lib/storage';

/** The index of the chosen answer, by the id of the question. */
export type Prediction = Readonly<Record<string, number>>;

const key = (experiment: string): string => `prediction.${experiment}`;

const isPrediction = (value: unknown): value is Prediction =>
  typeof value === 'object' && value !== null && Object.values(value).every((choice) => Number.isInteger(choice));

/** Returns the kept prediction, without choices that the experiment does not have. */
export function recallPrediction(experiment: string, questions: readonly ExperimentQuestion[]): Prediction {
  const kept = recall(key(experiment), {}, isPrediction);
  const valid = questions.flatMap(({ id, choices }) => {
    const choice = kept[id];
    return choice !== undefined && choices[choice] !== undefined ? [[id, choice] as const] : [];
  });
  return Object.fromEntries(valid);
}

export const keepPrediction = (experiment: string, prediction: Prediction): void => keep(key(experiment), prediction);

export const forgetPrediction = (experiment: string): void => forget(key(experiment));

export const isWhole = (prediction: Prediction, questions: readonly ExperimentQuestion[]): boolean => questions.every(({ id }) => prediction[id] !== undefined);
