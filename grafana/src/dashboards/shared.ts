// Panels that several dashboards have. They are no library panels, because Grafana does not load those from files.

import * as colors from '../lib/colors.js';
import * as sli from '../lib/indicators.gen.js';
import { count, graph, limit, stat, type Panel } from '../lib/panels.js';
import { quantiles, query } from '../lib/prometheus.js';

/** Requests, errors and latency over all routes, as the API counts them. */
export function verdicts(width: number): Panel[] {
  return [
    stat({
      title: 'Requests',
      purpose: 'Client requests answered per second.',
      unit: 'reqps',
      decimals: 1,
      width,
      plain: colors.color.blue,
      queries: [query(sli.requestRate, 'requests')],
    }),
    stat({
      title: 'Errors',
      purpose: 'Share of requests answered with a 5xx. Target: under 1 %.',
      unit: 'percentunit',
      decimals: 2,
      width,
      steps: limit(sli.targets.errorRatio),
      none: 'no traffic',
      queries: [query(sli.errorRatio, 'errors')],
    }),
    stat({
      title: 'p95 latency',
      purpose: '95th percentile of the latency of all requests. Target: under 300 ms.',
      unit: 's',
      width,
      steps: limit(sli.targets.p95),
      none: 'no traffic',
      queries: [query(sli.p95, 'p95')],
    }),
  ];
}

export function listLatency(width: number, purpose: string, selector = 'route="/api/deals"'): Panel {
  return graph({
    title: 'Latency of lists',
    purpose: `${purpose} A dot is an exemplar and links to its trace.`,
    unit: 's',
    width,
    palette: colors.quantiles,
    limits: limit(sli.targets.p95),
    queries: quantiles(`experience_http_request_duration_seconds{${selector}}`, { exemplars: true }),
  });
}

export function queueDepth(width: number): Panel {
  return graph({
    title: 'Queue depth',
    purpose: 'Unfinished jobs. At 1000 and above, bulk requests get 429.',
    unit: count,
    width,
    stacked: true,
    palette: colors.queues,
    limits: limit(sli.targets.queueDepth),
    queries: [query(sli.depthByQueue, '{{queue}}')],
  });
}

export function queueLag(width: number): Panel {
  return graph({
    title: 'Queue lag',
    purpose: 'Depth of each queue divided by its completion rate; no value while no job completes.',
    unit: 's',
    width,
    palette: colors.queues,
    limits: limit(sli.thresholds['queue lagSec'].bad),
    queries: [query(sli.lagByQueue, '{{queue}}')],
  });
}
