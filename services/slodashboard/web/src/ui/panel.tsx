import { useId, type ReactNode } from 'react';

interface Props {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly className?: string;
  readonly flush?: boolean;
  readonly children: ReactNode;
}

/** A titled part of a view. flush: its content has no padding. */
export function Panel({ title, aside, className = '', flush = false, children }: Props): ReactNode {
  const id = useId();
  return (
    <section className={`panel ${className}`} aria-labelledby={id}>
      <div className="panel-head">
        <h2 id={id}>{title}</h2>
        {aside !== undefined && <div className="aside">{aside}</div>}
      </div>
      <div className={flush ? 'panel-flush' : 'panel-body'}>{children}</div>
    </section>
  );
}
