// Actions of visitors.

import { sleep } from 'k6';

import { platform } from './platform.ts';

export const cities = ['valencia', 'madrid', 'barcelona', 'lisbon', 'berlin', 'paris', 'rome'] as const;

/** A random deal among the first 220, which exist in a catalog of any size. */
export function anyDeal(): string {
  return `d-${whole(1, 220).toString().padStart(5, '0')}`;
}

/** A whole number that looks random but depends only on the seed and the index (the 32-bit finalizer of MurmurHash3). */
export function shuffled(seed: number, index: number): number {
  let hash = Math.imul(seed, 0x9e3779b1) ^ index;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

export function oneOf<T>(values: readonly T[]): T {
  return values[whole(0, values.length - 1)] as T;
}

/** A random whole number from min to max. */
export function whole(min: number, max: number): number {
  return min + Math.floor(Math.random() * (max - min + 1));
}

/** Makes count concurrent calls. */
export function atOnce<T>(count: number, call: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, call));
}

export function buy() {
  return platform.purchase({ dealId: anyDeal(), quantity: whole(1, 3) });
}

/** Pauses a user whose request got no response, so that users without pauses do not flood a dead platform. */
export function breathe(answer: { status: number }): void {
  if (answer.status === 0) sleep(0.5);
}
