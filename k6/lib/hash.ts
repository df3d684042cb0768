// Shared by the two hash scenarios, which differ only in how the platform computes the hashes.

import { processors } from 'k6/x/deals';
import type { Options } from 'k6/options';

import { every, options, scaled } from './options.ts';
import { platform } from './platform.ts';
import { whole } from './settings.ts';
import { atOnce } from './traffic.ts';

const work = { payload: 'deals', rounds: 3, iterations: 230_000 };

// Go runs one goroutine per processor at a time, so it takes several times as many hashes to make other requests wait.
const hashes = scaled(whole('HASHES', 4 * processors, 1, 1000));

export function hashOptions(name: string): Options {
  return options(name, every(5, 10), { thresholds: { http_req_failed: ['rate<0.01'] } });
}

export async function hash(way: 'bad' | 'good'): Promise<void> {
  await atOnce(hashes, () => platform.hash(way, work));
}
