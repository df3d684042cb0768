import type { ReactNode } from 'react';
import type { Severity } from '../api/types';
import { Icon, type IconName } from './icons';

const icons: Readonly<Record<Severity, IconName | undefined>> = { good: 'check', watch: 'alert', bad: 'alert', unknown: undefined };

/** A state in a word, with a sign and a colour that say the same. */
export function State({ severity, children }: { readonly severity: Severity; readonly children: ReactNode }): ReactNode {
  const icon = icons[severity];
  return (
    <span className={`state ${severity}`}>
      {icon && <Icon name={icon} size={13} />}
      {children}
    </span>
  );
}
