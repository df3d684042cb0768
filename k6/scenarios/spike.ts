// Bursts of lists on an emptied read model.

import { every, options as make, scaled } from '../lib/options.ts';
import { platform, redis, setup as check } from '../lib/platform.ts';
import { atOnce, cities, oneOf } from '../lib/traffic.ts';

export { handleSummary } from '../lib/summary.ts';

export const options = make('spike', every(0.28, 100));

const burst = scaled(14);

export async function setup(): Promise<void> {
  await check();
  if (redis === undefined) {
    console.info('the read model stays as it is: REDIS_URL is not set');
    return;
  }
  console.info(`${await redis.expireCards()} deal cards expired`);
}

export default async function (): Promise<void> {
  await atOnce(burst, () => platform.list({ city: oneOf(cities), limit: 100 }));
}
