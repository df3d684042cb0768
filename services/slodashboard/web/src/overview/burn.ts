// The severities of burn rates and of error budgets left (slo/README.md).

import { objectiveThresholds } from '../api/indicators.gen';
import type { Severity } from '../api/types';

interface Threshold {
  readonly watch: number;
  readonly bad: number;
  readonly below: boolean;
}

const severity =
  ({ watch, bad, below }: Threshold) =>
  (value: number): Severity => {
    const reaches = (limit: number): boolean => (below ? value <= limit : value >= limit);
    if (reaches(bad)) return 'bad';
    return reaches(watch) ? 'watch' : 'good';
  };

export const burnSeverity = severity(objectiveThresholds.burnRate);

/** Takes the error budget left, in percent. */
export const budgetSeverity = severity(objectiveThresholds.budgetLeftPct);
