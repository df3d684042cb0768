import type { ReactNode } from 'react';
import type { Severity } from '../api/types';
import { Icon, type IconName } from './icons';

const icons: Readonly<Record<Severity, IconName | undefined>> = { good: 'check', watch: 'alert', bad: 'alert', unknown: undefined };

/** A state as text, with the icon and colour of its severity. */
export function State({ severity, children }: { readonly severity: Severity; readonly children: ReactNode }): ReactNode {
  const icon = icons[severity];
  return (
    <span className={`state ${severity}`}>
      {icon && <Icon name={icon} size={13} />}
      {children}
    </span>
  );
}
