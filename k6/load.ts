// The load tool: requests of one kind, or a mix, at a constant rate or from clients in a closed loop. Run it with `deals load` or `k6 run k6/load.ts`.

import { options as make, perSecond, together } from './lib/options.ts';
import { platform } from './lib/platform.ts';
import { choice, whole } from './lib/settings.ts';
import { anyDeal, breathe } from './lib/traffic.ts';

export { setup } from './lib/platform.ts';
export { handleSummary } from './lib/summary.ts';

const mode = choice('MODE', ['mixed', 'deals', 'details', 'enqueue', 'hash-bad', 'hash-good']);
const rate = whole('RATE', 20, 1, 10_000);
const concurrency = whole('CONCURRENCY', 0, 1, 10_000); // 0: not set

export const options = make(`load-${mode}`, concurrency > 0 ? together(concurrency) : perSecond(rate), {
  thresholds: { http_req_failed: ['rate<0.01'] },
  discardResponseBodies: true,
});

const hash = { rounds: 2, iterations: 180_000 };

const calls = {
  deals: () => platform.list(),
  details: () => platform.detail(anyDeal()),
  enqueue: () => platform.enqueue({ count: 200 }),
  'hash-bad': () => platform.hash('bad', hash),
  'hash-good': () => platform.hash('good', hash),
} as const;

/** 68 % lists, 16 % batches of jobs, 8 % bad hashes, 8 % good hashes. */
function mixed(): keyof typeof calls {
  const percent = Math.random() * 100;
  if (percent < 68) return 'deals';
  if (percent < 84) return 'enqueue';
  return percent < 92 ? 'hash-bad' : 'hash-good';
}

export default async function (): Promise<void> {
  breathe(await calls[mode === 'mixed' ? mixed() : mode]());
}
