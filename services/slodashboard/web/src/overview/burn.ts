// Reading objectives (slo/README.md). The back end colours an objective by the same bounds (../../../view/severity.go).

import type { Severity } from '../api/types';

/** From 6 and 14.4 on a page follows, from 1 and 3 a ticket: from 1 on the budget does not last. */
export function burnSeverity(rate: number): Severity {
  if (rate >= 6) return 'bad';
  return rate >= 1 ? 'watch' : 'good';
}

/** In percent of the budget; without any the promise is broken. */
export function budgetSeverity(left: number): Severity {
  if (left <= 0) return 'bad';
  return left <= 50 ? 'watch' : 'good';
}
