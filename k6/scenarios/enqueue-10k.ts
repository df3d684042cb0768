// Repeatedly enqueues more jobs than the workers can process.

import { every, options as make, scaled } from '../lib/options.ts';
import { platform } from '../lib/platform.ts';

export { setup } from '../lib/platform.ts';
export { handleSummary } from '../lib/summary.ts';

export const options = make('enqueue-10k', every(8, 4), { thresholds: { http_req_failed: ['rate<0.01'] } });

const count = Math.min(10_000, scaled(10_000));

export default async function (): Promise<void> {
  const { shed, enqueued, queueDepth, retryAfter } = await platform.enqueue({ count });
  console.info(shed ? `refused at a depth of ${queueDepth}: retry after ${retryAfter} s` : `${enqueued} jobs accepted`);
}
