// One poller for all feeds. A feed is an endpoint that is polled every two seconds while it has subscribers and the page is visible. It has at
// most one request in flight, which is aborted when the last subscriber leaves.

import { useSyncExternalStore } from 'react';
import { ApiError, call } from './client';

export interface Snapshot<T> {
  readonly data: T | undefined;
  readonly error: ApiError | undefined;
  /** When data was received, in Unix milliseconds. */
  readonly at: number | undefined;
}

export const interval = 2000;

const active = new Set<Feed<unknown>>();
let timer: ReturnType<typeof setInterval> | undefined;

let ticks = 0;

function tick(): void {
  ticks++;
  for (const feed of active) {
    if (ticks % feed.every === 0) void feed.refresh();
  }
}

function schedule(): void {
  const wanted = active.size > 0 && !document.hidden;
  if (wanted && timer === undefined) {
    timer = setInterval(tick, interval);
    for (const feed of active) void feed.refresh();
  } else if (!wanted && timer !== undefined) {
    clearInterval(timer);
    timer = undefined;
  }
}

export class Feed<T> {
  readonly path: string;
  readonly every: number;
  readonly #listeners = new Set<() => void>();
  readonly #load: (signal: AbortSignal) => Promise<T>;
  #snapshot: Snapshot<T> = { data: undefined, error: undefined, at: undefined };
  #flight: AbortController | undefined;

  /** every: poll every n ticks. */
  constructor(path: string, every = 1, load: (signal: AbortSignal) => Promise<T> = (signal) => call<T>(path, { signal })) {
    this.path = path;
    this.every = every;
    this.#load = load;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#begin();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#end();
    };
  };

  readonly snapshot = (): Snapshot<T> => this.#snapshot;

  /** Polls now, unless a request is in flight. */
  async refresh(): Promise<void> {
    if (this.#flight) return;
    const flight = new AbortController();
    this.#flight = flight;
    try {
      const data = await this.#load(flight.signal);
      if (!flight.signal.aborted) this.#publish({ data, error: undefined, at: Date.now() });
    } catch (error) {
      if (!flight.signal.aborted) this.#publish({ ...this.#snapshot, error: asApiError(error) });
    } finally {
      if (this.#flight === flight) this.#flight = undefined;
    }
  }

  /** Polls after a change. A request in flight is aborted, as its answer may be older than the change. */
  async again(): Promise<void> {
    this.#flight?.abort();
    this.#flight = undefined;
    await this.refresh();
  }

  #begin(): void {
    active.add(this as Feed<unknown>);
    if (timer === undefined) schedule();
    else void this.refresh();
  }

  #end(): void {
    active.delete(this as Feed<unknown>);
    this.#flight?.abort();
    this.#flight = undefined;
    schedule();
  }

  #publish(snapshot: Snapshot<T>): void {
    this.#snapshot = snapshot;
    for (const listener of this.#listeners) listener();
  }
}

function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, { code: 'unexpected', error: String(error) });
}

if (typeof document !== 'undefined') document.addEventListener('visibilitychange', schedule);

export function useFeed<T>(feed: Feed<T>): Snapshot<T> {
  return useSyncExternalStore(feed.subscribe, feed.snapshot);
}
