// The clock for ages and elapsed times: one timer for all, and none while the page is hidden.

import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let ahead = 0;
let now = Date.now();

/** Sets the time of the back end, whose clock may differ from the browser's. */
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

/** Returns the back end's time in Unix milliseconds, updated each second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
