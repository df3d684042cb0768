// Formats numbers and times. null is shown as "no traffic", an infinite lag as "∞".

export type Value = number | 'Infinity' | null | undefined;

export type Unit =
  | 'rps'
  | 'perSecond'
  | 'ms'
  | 's'
  | 'percent'
  | 'count'
  | 'burn'
  | 'ratio'
  | 'perRequest'
  | 'calls';

export interface Written {
  readonly text: string;
  readonly unit: string;
}

export const noTraffic: Written = { text: 'no traffic', unit: '' };

const integers = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const hundredths = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

const suffixes: Readonly<Record<Unit, string>> = {
  rps: 'rps',
  perSecond: '/s',
  ms: 'ms',
  s: 's',
  percent: '%',
  count: '',
  burn: '×',
  ratio: '×',
  perRequest: '/ list',
  calls: '',
};

/** Formats with three significant digits, at most two of them after the point. */
export function digits(value: number): string {
  if (value < 0) return `\u2212${digits(-value)}`;
  if (value >= 1_000_000) return `${tenths.format(value / 1_000_000)}M`;
  if (value >= 100_000) return `${integers.format(value / 1000)}k`;
  if (value >= 99.95) return integers.format(value);
  if (value >= 9.995) return tenths.format(value);
  if (value > 0 && value < 0.005) return '<0.01';
  return value === 0 ? '0' : hundredths.format(value);
}

export function write(value: Value, unit: Unit): Written {
  const suffix = suffixes[unit];
  if (value === null || value === undefined || Number.isNaN(value)) return noTraffic;
  if (value === 'Infinity' || value === Infinity) return { text: '∞', unit: '' };
  switch (unit) {
    case 'count':
      return { text: Math.abs(value) >= 100_000 ? digits(value) : integers.format(value), unit: suffix };
    case 'ms':
      return span(value / 1000);
    case 's':
      return span(value);
    default:
      return { text: digits(value), unit: suffix };
  }
}

/** Formats a duration in the unit that fits its size. */
function span(seconds: number): Written {
  const size = Math.abs(seconds);
  if (size === 0) return { text: '0', unit: 's' };
  if (size < 0.9995) return { text: milliseconds(seconds * 1000), unit: 'ms' };
  if (size < 100) return { text: digits(seconds), unit: 's' };
  if (size < 100 * 60) return { text: tenths.format(seconds / 60), unit: 'min' };
  if (size < 48 * 3600) return { text: tenths.format(seconds / 3600), unit: 'h' };
  return { text: tenths.format(seconds / 86_400), unit: 'd' };
}

function milliseconds(ms: number): string {
  const size = Math.abs(ms);
  if (size >= 9.95) return integers.format(ms);
  return size < 0.95 ? digits(ms) : tenths.format(ms);
}

/** Formats a value with its unit, separated by a narrow no-break space. */
export function say(value: Value, unit: Unit): string {
  const { text, unit: suffix } = write(value, unit);
  return join(text, suffix);
}

function join(text: string, suffix: string): string {
  return suffix === '' || suffix === '%' || suffix === '×' ? text + suffix : `${text}\u202f${suffix}`;
}

/** Formats a limit without trailing zeros and without rounding it to "less than": 300 ms, 1%, 2.5 s, 0.001. */
export function sayRound(value: number, unit: Unit): string {
  const { text, unit: suffix } = write(value, unit);
  if (text.startsWith('<')) return join(String(value), suffix);
  return join(text.replace(/\.?0+$/, (zeros) => (text.includes('.') ? '' : zeros)), suffix);
}

/** Formats a duration: 0:42, 12:05, 1:02:05. */
export function elapsed(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (n: number): string => String(n).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = two(seconds % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** Formats a duration roughly: 12 s, 3 min, 2 h. */
export function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 90) return `${seconds}\u202fs`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)}\u202fmin`;
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)}\u202fh`;
  return `${Math.round(seconds / 86_400)}\u202fd`;
}

const clocks = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** Formats a time of day in the user's time zone: 11:20:03. */
export function clock(time: number | string | Date): string {
  return clocks.format(new Date(time));
}
