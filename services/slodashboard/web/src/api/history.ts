// A feed with a history. The history is requested every n polls only, which spares Prometheus; between them the current values are appended, so
// that charts move with every poll. Points older than the span are dropped.

import type { Value } from '../lib/format';
import { call } from './client';
import { Feed } from './feed';
import type { History } from './types';

export const span = '15m';
const spanSeconds = 15 * 60;

/** Returns the key of a series: its name and what it describes, such as a queue. */
export const seriesKey = (name: string, of = ''): string => (of === '' ? name : `${name} ${of}`);

export type Present = Readonly<Record<string, Value>>;

/** Returns the history with one more point. A point that is not newer than the last one is ignored. */
export function extend(past: History, at: number, present: Present): History {
  const last = past.times.at(-1) ?? -Infinity;
  if (at <= last) return past;
  const first = past.times.findIndex((time) => time >= at - spanSeconds);
  const from = first < 0 ? past.times.length : first;
  return {
    ...past,
    times: [...past.times.slice(from), at],
    series: past.series.map((series) => {
      const value = present[seriesKey(series.name, series.of)];
      return { ...series, values: [...series.values.slice(from), typeof value === 'number' ? value : null] };
    }),
  };
}

interface WithHistory {
  readonly at: string;
  readonly history: History | null;
}

/** every: polls from one request for the history to the next. present returns the current value of each series; without it nothing is appended. */
export function historyFeed<T extends WithHistory>(path: string, every: number, present?: (data: T) => Present): Feed<T> {
  let polls = 0;
  let past: History | undefined;
  let known = 0;

  return new Feed<T>(path, 1, async (signal) => {
    const stale = Date.now() - known > every * 2500;
    const whole = past === undefined || stale || polls % every === 0;
    const data = await call<T>(whole ? `${path}?history=${span}` : path, { signal });
    polls = whole ? 1 : polls + 1;
    if (data.history) {
      past = data.history;
      known = Date.now();
    } else if (past && present) {
      past = extend(past, Date.parse(data.at) / 1000, present(data));
    }
    return past ? { ...data, history: past } : data;
  });
}
