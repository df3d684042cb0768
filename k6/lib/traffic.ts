// What visitors of the platform do.

import { sleep } from 'k6';

import { platform } from './platform.ts';

export const cities = ['valencia', 'madrid', 'barcelona', 'lisbon', 'berlin', 'paris', 'rome'] as const;

/** One of the deals that there are however large the catalog is. */
export function anyDeal(): string {
  return `d-${whole(1, 220).toString().padStart(5, '0')}`;
}

export function oneOf<T>(values: readonly T[]): T {
  return values[whole(0, values.length - 1)] as T;
}

/** A whole number from min to max. */
export function whole(min: number, max: number): number {
  return min + Math.floor(Math.random() * (max - min + 1));
}

/** So many calls at once. */
export function atOnce<T>(count: number, call: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, call));
}

export function buy() {
  return platform.purchase({ dealId: anyDeal(), quantity: whole(1, 3) });
}

/** For users without a pause: one who got no answer takes a breath, or a dead platform would be called as fast as the machine can. */
export function breathe(answer: { status: number }): void {
  if (answer.status === 0) sleep(0.5);
}
