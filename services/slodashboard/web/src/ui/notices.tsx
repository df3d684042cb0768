// Notices: an action has succeeded or failed. Errors stay until they are closed.

import { useEffect, useSyncExternalStore, type ReactNode } from 'react';
import { Icon } from './icons';

interface Notice {
  readonly id: number;
  readonly kind: 'done' | 'error';
  readonly text: string;
}

const listeners = new Set<() => void>();
const most = 4;
let notices: readonly Notice[] = [];
let next = 1;

function publish(changed: readonly Notice[]): void {
  notices = changed;
  for (const listener of listeners) listener();
}

export function notify(kind: Notice['kind'], text: string): void {
  const others = notices.filter((notice) => notice.text !== text);
  publish([...others, { id: next++, kind, text }].slice(-most));
}

const close = (id: number): void => publish(notices.filter((notice) => notice.id !== id));

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Notices(): ReactNode {
  const shown = useSyncExternalStore(subscribe, () => notices);
  return (
    <div className="notices" role="status" aria-live="polite">
      {shown.map((notice) => (
        <NoticeLine key={notice.id} notice={notice} />
      ))}
    </div>
  );
}

function NoticeLine({ notice }: { readonly notice: Notice }): ReactNode {
  const { id, kind, text } = notice;
  useEffect(() => {
    if (kind === 'error') return undefined;
    const timer = setTimeout(() => close(id), 5000);
    return () => clearTimeout(timer);
  }, [id, kind]);
  return (
    <div className={`notice ${kind}`}>
      <Icon name={kind === 'error' ? 'alert' : 'check'} />
      <span>{text}</span>
      <button type="button" className="link quiet" aria-label="Close" onClick={() => close(id)}>
        <Icon name="cross" size={12} />
      </button>
    </div>
  );
}
