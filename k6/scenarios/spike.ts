import http from 'k6/http';

import { duration, target } from '../lib/settings.ts';

export { handleSummary } from '../lib/summary.ts';

export const options = {
  scenarios: { 'spike': { executor: 'constant-arrival-rate', rate: 10, timeUnit: '7s', duration, preAllocatedVUs: 10, gracefulStop: '5s' } },
  tags: { scenario: 'spike' },
};

export default function () {
  http.get(`${target}/api/deals?limit=6`);
}
