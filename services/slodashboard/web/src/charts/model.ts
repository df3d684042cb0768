// What a chart is made of, and the pure parts of drawing it.

import { say, type Unit } from '../lib/format';

export interface Line {
  readonly label: string;
  /** A variable of styles/tokens.css. */
  readonly color: string;
  readonly values: readonly (number | null)[];
  readonly dashed?: boolean;
}

export interface Marker {
  /** Seconds of the epoch. */
  readonly time: number;
  readonly label: string;
  readonly kind: 'start' | 'stop';
}

export interface ChartData {
  /** Seconds of the epoch, ascending. */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
}

export const historySeconds = 15 * 60;
const leastSeconds = 60;

/** The last 15 minutes; less where there is less to show, so that a fresh lab fills its charts. */
export function timeRange(data: ChartData): [number, number] {
  const end = data.times.at(-1) ?? 0;
  const first = data.times.find((_, i) => data.lines.some((line) => isNumber(line.values[i]))) ?? end - historySeconds;
  return [Math.min(end - leastSeconds, Math.max(first, end - historySeconds)), end];
}

/** From zero to a little over the highest; the target is in sight when the values come near it. */
export function valueRange(highest: number | null | undefined, target: number | undefined): [number, number] {
  const top = isNumber(highest) && highest > 0 ? highest : 0;
  if (target !== undefined && target <= top * 2) return [0, Math.max(top, target) * 1.12];
  return [0, top > 0 ? top * 1.15 : 1];
}

export function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** What a chart shows, in a sentence for each line. */
export function summarize(data: ChartData, unit: Unit): string {
  return data.lines.map((line) => summarizeLine(line, unit)).join(' ');
}

function summarizeLine(line: Line, unit: Unit): string {
  const known = line.values.filter(isNumber);
  const now = line.values.at(-1);
  if (known.length === 0) return `${line.label}: no data.`;
  const low = known.reduce((a, b) => Math.min(a, b));
  const high = known.reduce((a, b) => Math.max(a, b));
  return `${line.label}: now ${say(now, unit)}, between ${say(low, unit)} and ${say(high, unit)}.`;
}

/** Indices of at most count samples, evenly spread, the last one among them; newest first. */
export function pick(length: number, count: number): number[] {
  const step = Math.max(1, Math.ceil(length / count));
  const picked: number[] = [];
  for (let i = length - 1; i >= 0; i -= step) picked.push(i);
  return picked;
}

interface Text {
  readonly x: number;
  /** 0: there is none. */
  readonly width: number;
}

/** Where texts begin that stand at their marks, moved in from the right end; undefined where one would run into the one before. */
export function placeTexts(texts: readonly Text[], end: number, gap: number): (number | undefined)[] {
  let taken = -Infinity;
  return texts.map(({ x, width }) => {
    const from = Math.min(x, end - width);
    if (width === 0 || from < taken) return undefined;
    taken = from + width + gap;
    return from;
  });
}
