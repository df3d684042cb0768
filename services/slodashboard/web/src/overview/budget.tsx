import type { ReactNode } from 'react';
import { say } from '../lib/format';
import { budgetSeverity } from './burn';

/** The error budget left, in percent, as a bar and a number. */
export function Budget({ left }: { readonly left: number | null }): ReactNode {
  if (left === null) return <span className="quiet">not yet known</span>;
  const severity = budgetSeverity(left);
  return (
    <span className="budget">
      <span className="bar" aria-hidden="true">
        <i className={severity} style={{ width: `${Math.max(0, Math.min(100, left))}%` }} />
      </span>
      <span className={severity === 'good' ? 'number' : `number ${severity}-text`}>{say(left, 'percent')}</span>
    </span>
  );
}
