// A quiet day: each visitor reads a list and a deal, every fourth buys.

import exec from 'k6/execution';

import { every, options as make } from '../lib/options.ts';
import { platform, redis } from '../lib/platform.ts';
import { intensity } from '../lib/settings.ts';
import { anyDeal, buy } from '../lib/traffic.ts';

export { setup } from '../lib/platform.ts';
export { handleSummary } from '../lib/summary.ts';

export const options = make('normal', every(0.7 / intensity, 100), {
  thresholds: {
    http_req_failed: ['rate<0.01'],
    'http_req_duration{name:/api/deals}': ['p(95)<300'],
    'deals_purchases{outcome:open}': ['count==0'],
    'deals_purchases{outcome:lost}': ['count==0'],
    'deals_purchases{outcome:doubled}': ['count==0'],
  },
});

export default async function (): Promise<void> {
  const calls: Promise<unknown>[] = [platform.list({ limit: 6 }), platform.detail(anyDeal())];
  if (exec.scenario.iterationInTest % 4 === 3) calls.push(buy());
  await Promise.all(calls);
}

/** Checks that every accepted purchase was completed once. */
export async function teardown(): Promise<void> {
  if (redis === undefined) {
    console.info('purchases are not looked up: REDIS_URL is not set');
    return;
  }
  const { accepted, completed, dead, open, lost, doubled } = await redis.auditPurchases('20s');
  console.info(`of ${accepted} purchases ${completed} are completed, ${dead} in the DLQ`);
  for (const [what, ids] of Object.entries({ open, lost, 'with two receipts': doubled })) {
    if (ids.length > 0) console.error(`purchases ${what}: ${ids.join(', ')}`);
  }
}
