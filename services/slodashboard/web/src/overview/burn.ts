// Reading burn rates (slo/README.md): from 14.4 and 6 on a page follows, from 3 and 1 a ticket.

import type { Severity } from '../api/types';

export function burnSeverity(rate: number): Severity {
  if (rate >= 6) return 'bad';
  return rate >= 1 ? 'watch' : 'good';
}
