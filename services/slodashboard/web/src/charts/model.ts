// The data of a chart, and pure functions that lay it out.

import { clock, say, type Unit } from '../lib/format';

export interface Line {
  readonly label: string;
  /** The name of a variable in styles/tokens.css. */
  readonly color: string;
  readonly values: readonly (number | null)[];
  readonly dashed?: boolean;
  readonly thin?: boolean;
}

export interface Marker {
  /** Unix seconds. */
  readonly time: number;
  readonly label: string;
  readonly kind: 'start' | 'stop' | 'switch';
}

/** Says what happened at a marker. */
export function sayMarker({ time, label, kind }: Marker): string {
  const happened = { start: ' started', stop: ' ended', switch: '' } as const;
  return `${clock(time * 1000)} ${label}${happened[kind]}`;
}

/** A stretch of time with a start of its own, and parts of it that are shaded. */
export interface Span {
  readonly lengthSec: number;
  readonly shades: readonly { readonly fromSec: number; readonly toSec: number }[];
}

export interface ChartData {
  /** Unix seconds, ascending; in a span, seconds from its start. */
  readonly times: readonly number[];
  /** Lines with the same label are repetitions of one thing. */
  readonly lines: readonly Line[];
  readonly span?: Span;
}

export const historySeconds = 15 * 60;
const leastSeconds = 60;

/** Returns the span, else the last 15 minutes, or less if the first value is newer, so that the charts of a new platform are filled. */
export function timeRange(data: ChartData): [number, number] {
  if (data.span) return [0, data.span.lengthSec];
  const end = data.times.at(-1) ?? 0;
  const first = data.times.find((_, i) => data.lines.some((line) => isNumber(line.values[i]))) ?? end - historySeconds;
  return [Math.min(end - leastSeconds, Math.max(first, end - historySeconds)), end];
}

/** Returns the range from zero to a little over the maximum. It includes the target if values come near it. */
export function valueRange(highest: number | null | undefined, target: number | undefined): [number, number] {
  const top = isNumber(highest) && highest > 0 ? highest : 0;
  if (target !== undefined && target <= top * 2) return [0, Math.max(top, target) * 1.12];
  return [0, top > 0 ? top * 1.15 : 1];
}

export function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** Formats a time of a chart: the time of day, or the seconds from the start of the span. */
export function sayTime(data: ChartData, time: number): string {
  return data.span ? `${time}\u202fs` : clock(time * 1000);
}

/** Returns the data with one line per label, whose values are the medians of its repetitions. */
export function merge(data: ChartData): ChartData {
  const labels = [...new Set(data.lines.map(({ label }) => label))];
  if (labels.length === data.lines.length) return data;
  const lines = labels.flatMap((label) => {
    const [first, ...others] = data.lines.filter((line) => line.label === label);
    if (!first) return [];
    return { ...first, values: data.times.map((_, i) => median([first, ...others].map(({ values }) => values[i]))) };
  });
  return { ...data, lines };
}

function median(values: readonly unknown[]): number | null {
  const known = values.filter(isNumber).sort((a, b) => a - b);
  const middle = known.length / 2;
  const [low, high] = [known[Math.ceil(middle) - 1], known[Math.floor(middle)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}

/** Describes a chart, one sentence per line, for screen readers. */
export function summarize(data: ChartData, unit: Unit): string {
  return data.lines.map((line) => summarizeLine(line, unit, data.span === undefined)).join(' ');
}

function summarizeLine(line: Line, unit: Unit, withNow: boolean): string {
  const known = line.values.filter(isNumber);
  const now = line.values.at(-1);
  if (known.length === 0) return `${line.label}: no data.`;
  const low = known.reduce((a, b) => Math.min(a, b));
  const high = known.reduce((a, b) => Math.max(a, b));
  return `${line.label}: ${withNow ? `now ${say(now, unit)}, ` : ''}between ${say(low, unit)} and ${say(high, unit)}.`;
}

/** Returns the indices of up to count evenly spaced samples, newest first, starting with the last one. */
export function pick(length: number, count: number): number[] {
  const step = Math.max(1, Math.ceil(length / count));
  const picked: number[] = [];
  for (let i = length - 1; i >= 0; i -= step) picked.push(i);
  return picked;
}

interface Text {
  readonly x: number;
  /** 0 if there is none. */
  readonly width: number;
}

/** Returns the positions of labels at their marks, kept inside the right edge. It is undefined for a label that would overlap the one before. */
export function placeTexts(texts: readonly Text[], end: number, gap: number): (number | undefined)[] {
  let taken = -Infinity;
  return texts.map(({ x, width }) => {
    const from = Math.min(x, end - width);
    if (width === 0 || from < taken) return undefined;
    taken = from + width + gap;
    return from;
  });
}
