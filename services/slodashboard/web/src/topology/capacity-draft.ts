// What a person types about a capacity, and what of it goes to the service. The service checks it.

import type { Capacity, CapacityChange } from '../api/types';

export interface CapacityDraft {
  readonly capacity: number;
  readonly queue: number;
  readonly discipline: Capacity['discipline'];
  readonly slowAbovePct: number;
  readonly slowdown: number;
  readonly serveAbandoned: boolean;
  readonly forSeconds: number;
}

export const disciplines: Readonly<Record<Capacity['discipline'], string>> = {
  fifo: 'FIFO',
  unbounded: 'FIFO without a bound',
  'lifo-codel': 'adaptive LIFO with CoDel',
};

export const isDiscipline = (value: string): value is Capacity['discipline'] => value in disciplines;

export function toDraft({ capacity, queue, discipline, slowAbove, slowdown, abandoned }: Capacity): CapacityDraft {
  return { capacity, queue, discipline, slowAbovePct: Math.round(slowAbove * 100), slowdown, serveAbandoned: abandoned === 'serve', forSeconds: 60 };
}

export function toChange({ slowAbovePct, serveAbandoned, ...same }: CapacityDraft): CapacityChange {
  return { ...same, slowAbove: slowAbovePct / 100, abandoned: serveAbandoned ? 'serve' : 'drop' };
}

/** Describes the settings: serves 128 at a time, 256 more may wait (FIFO), slows down to 3× above 50% busy. */
export function inWords({ capacity, queue, discipline, slowAbove, slowdown, abandoned }: Capacity): string {
  const parts = [`serves ${capacity} at a time`, `${discipline === 'unbounded' ? 'any number' : queue} more may wait (${disciplines[discipline]})`];
  if (slowdown > 1 && slowAbove < 1) parts.push(`slows down to ${slowdown}× above ${Math.round(slowAbove * 100)}% busy`);
  if (abandoned === 'serve') parts.push('serves abandoned requests');
  return parts.join(', ');
}
