// Random mix of all client actions.

import { every, options as make, scaled } from '../lib/options.ts';
import { platform } from '../lib/platform.ts';
import { intensity } from '../lib/settings.ts';
import { anyDeal, atOnce, buy, cities, oneOf, whole } from '../lib/traffic.ts';

export { setup } from '../lib/platform.ts';
export { handleSummary } from '../lib/summary.ts';

export const options = make('chaotic', every(1.7, 100));

const hash = { rounds: 3, iterations: 230_000 };

const actions: readonly (() => Promise<unknown>)[] = [
  () => atOnce(scaled(whole(5, 40)), () => platform.list({ city: oneOf(cities), limit: whole(1, 100) })),
  () => atOnce(scaled(whole(2, 20)), () => platform.detail(anyDeal())),
  () => atOnce(scaled(whole(1, 8)), buy),
  () => platform.enqueue({ count: Math.min(10_000, Math.round(whole(300, 2000) * intensity)), city: oneOf(cities) }),
  () => atOnce(scaled(whole(1, 8)), () => platform.hash(oneOf(['bad', 'good']), hash)),
];

export default async function (): Promise<void> {
  await atOnce(whole(1, 3), () => oneOf(actions)());
}
