// The clock that ages and elapsed times are written by: one timer for all, none while the page is hidden.

import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let ahead = 0;
let now = Date.now();

/** Ages are of the back end's times: its clock may not be ours. */
export function setServerTime(time: string): void {
  ahead = Date.parse(time) - Date.now();
}

function tick(): void {
  if (document.hidden) return;
  now = Date.now() + ahead;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    now = Date.now() + ahead;
    timer = setInterval(tick, 1000);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Milliseconds of the epoch on the back end's clock, to the second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
