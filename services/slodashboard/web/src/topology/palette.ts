// The colours of the graph: by severity, or custom ones that are kept in the browser.

import type { Severity } from '../api/types';
import { components, queues } from '../lib/colors';

export type Mode = 'severity' | 'own';
export type Own = Readonly<Record<string, string>>;

export const hues = [
  'blue',
  'light-blue',
  'purple',
  'light-purple',
  'teal',
  'green',
  'light-green',
  'yellow',
  'orange',
  'brown',
  'pink',
  'red',
  'grey',
] as const;

const bySeverity: Readonly<Record<Severity, string>> = { good: 'good', watch: 'watch', bad: 'bad', unknown: 'grey' };

export const isMode = (value: unknown): value is Mode => value === 'severity' || value === 'own';

export function isOwn(value: unknown): value is Own {
  const known: readonly string[] = hues;
  return typeof value === 'object' && value !== null && Object.values(value).every((hue) => known.includes(String(hue)));
}

/** Returns the name of the colour variable of a node. */
export function nodeColor(id: string, severity: Severity, mode: Mode, own: Own): string {
  return mode === 'severity' ? bySeverity[severity] : (own[id] ?? components[id] ?? queues[id] ?? 'grey');
}

/** Returns the colour of an edge: of its severity, or of its target. */
export function edgeColor(to: string, severity: Severity, mode: Mode, own: Own): string {
  return mode === 'severity' ? bySeverity[severity] : nodeColor(to, severity, mode, own);
}
