// Lists at the maximum rate of the machine.

import { options as make, scaled, together } from '../lib/options.ts';
import { platform } from '../lib/platform.ts';
import { breathe } from '../lib/traffic.ts';

export { setup } from '../lib/platform.ts';
export { handleSummary } from '../lib/summary.ts';

export const options = make('high-throughput', together(scaled(200)), {
  thresholds: { http_req_failed: ['rate<0.01'] },
  discardResponseBodies: true,
});

export default async function (): Promise<void> {
  breathe(await platform.list());
}
