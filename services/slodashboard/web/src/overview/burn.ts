// Reading burn rates (slo/README.md): from 14.4 and 6 on a page follows, from 3 and 1 a ticket.

import type { Severity } from '../api/types';

export function burnSeverity(rate: number): Severity {
  if (rate >= 6) return 'bad';
  return rate >= 1 ? 'watch' : 'good';
}

/** A period as people say it: 30 days, 1 hour. */
export function periodName(seconds: number): string {
  const [count, unit] = seconds >= 86_400 ? [seconds / 86_400, 'day'] : seconds >= 3600 ? [seconds / 3600, 'hour'] : [seconds / 60, 'minute'];
  const rounded = Math.round(count);
  return `${rounded} ${unit}${rounded === 1 ? '' : 's'}`;
}
