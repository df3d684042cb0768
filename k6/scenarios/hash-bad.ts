// Heavy hashes on the goroutines of their requests.

import { hash, hashOptions } from '../lib/hash.ts';

export { setup } from '../lib/platform.ts';
export { handleSummary } from '../lib/summary.ts';

export const options = hashOptions('hash-bad');

export default async function (): Promise<void> {
  await hash('bad');
}
