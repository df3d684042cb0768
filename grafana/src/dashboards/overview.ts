import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';

import { board } from '../lib/board.js';
import { components, quantiles as ofQuantiles, routes } from '../lib/colors.js';
import { count, graph, limit, stat, type Panel } from '../lib/panels.js';
import { quantiles, query, rates, share } from '../lib/prometheus.js';
import * as sli from '../lib/indicators.gen.js';
import { alertsOverTime, burning, objectives, setVariable } from './objectives.js';
import { queueDepth, queueLag, verdicts } from './shared.js';

const requests = 'experience_http_request_duration_seconds_count';

export function overview(): dashboard.Dashboard {
  return board({
    uid: 'deals-overview',
    title: 'Overview and SLOs',
    purpose: 'Indicators, objectives, error budgets and firing alerts.',
    variables: [setVariable()],
    rows: [
      { title: 'Are users hurt?', panels: [...indicators(), ...objectives()] },
      { title: 'Where: routes, upstreams and queues', panels: [...clients(), ...internals()] },
      { title: 'Why: alerts and changes', panels: [alertsOverTime()] },
      { title: 'Error budgets over $set', panels: burning() },
    ],
  });
}

function indicators(): Panel[] {
  const width = 4;
  return [
    ...verdicts(width),
    stat({
      title: 'Failed probes',
      purpose: 'Share of requests by which slo-dashboard measures from outside that were not answered with 200 in time, of the worst route.',
      unit: 'percentunit',
      decimals: 0,
      width,
      steps: limit(sli.targets.errorRatio),
      none: 'no probes',
      queries: [query('max(1 - avg by (route) (avg_over_time(probe_success[$__rate_interval])))', 'failed')],
    }),
    stat({
      title: 'p95 of probes',
      purpose: '95th percentile of the time from connecting to the end of the answer, of the slowest route. Target: under 300 ms.',
      unit: 's',
      width,
      steps: limit(sli.targets.p95),
      none: 'no probes',
      queries: [query('max(quantile_over_time(0.95, probe_duration_seconds[$__rate_interval]))', 'p95')],
    }),
    stat({
      title: 'Queue depth',
      purpose: 'Unfinished jobs in both queues. Target: under 1000.',
      unit: count,
      decimals: 0,
      width,
      steps: limit(sli.targets.queueDepth),
      queries: [query(sli.queueDepth, 'jobs')],
    }),
  ];
}

function clients(): Panel[] {
  return [
    graph({
      title: 'Requests by route',
      purpose: 'Requests per second of each route.',
      unit: 'reqps',
      width: 8,
      stacked: true,
      palette: routes,
      queries: [query(rates(requests, 'route'), '{{route}}')],
    }),
    graph({
      title: 'Latency',
      purpose: 'Latency over all routes. Objective: 95 % within 300 ms. A dot is an exemplar and links to its trace.',
      unit: 's',
      width: 8,
      palette: ofQuantiles,
      limits: limit(sli.targets.p95),
      queries: quantiles('experience_http_request_duration_seconds', { exemplars: true }),
    }),
    graph({
      title: 'Errors by route',
      purpose: 'Share of the requests of each route answered with a 5xx.',
      unit: 'percentunit',
      width: 8,
      softMax: 0.02,
      palette: routes,
      limits: limit(sli.targets.errorRatio),
      queries: [
        query(
          share(
            `(${rates('experience_http_request_errors_total', 'route')} or 0 * ${rates(requests, 'route')})`,
            rates(requests, 'route'),
          ),
          '{{route}}',
        ),
      ],
    }),
  ];
}

function internals(): Panel[] {
  const failed = rates('experience_upstream_failures_total', 'service');
  const answered = rates('experience_upstream_requests_total{status=~"2..|404"}', 'service');
  return [
    graph({
      title: 'Upstream failures',
      purpose: 'Share of calls to each upstream that failed after retries, or were rejected by breakers and limits.',
      unit: 'percentunit',
      width: 8,
      softMax: 0.05,
      palette: components,
      queries: [query(share(failed, `(${failed} + ${answered})`), '{{service}}')],
    }),
    queueDepth(8),
    queueLag(8),
  ];
}
