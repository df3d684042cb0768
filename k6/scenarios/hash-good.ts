// The same heavy hashes on a pool of threads.

import { hash, hashOptions } from '../lib/hash.ts';

export { setup } from '../lib/platform.ts';
export { handleSummary } from '../lib/summary.ts';

export const options = hashOptions('hash-good');

export default async function (): Promise<void> {
  await hash('good');
}
