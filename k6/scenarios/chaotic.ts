import http from 'k6/http';

import { duration, target } from '../lib/settings.ts';

export { handleSummary } from '../lib/summary.ts';

export const options = {
  scenarios: { 'chaotic': { executor: 'constant-arrival-rate', rate: 10, timeUnit: '7s', duration, preAllocatedVUs: 10, gracefulStop: '5s' } },
  tags: { scenario: 'chaotic' },
};

export default function () {
  http.get(`${target}/api/deals?limit=6`);
}
