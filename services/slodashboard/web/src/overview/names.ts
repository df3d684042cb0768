// How objectives are written.

import { sayRound } from '../lib/format';

export const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Writes the name of an objective for people: Job freshness. */
export const named = (name: string): string => capitalized(name.replaceAll('-', ' '));

/** Formats an objective with its digits: 99.9%, 99.95%. */
export const percent = (value: number): string => (value >= 90 && value < 100 ? `${Number(value.toFixed(2))}%` : sayRound(value, 'percent'));
