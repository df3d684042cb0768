import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';

import { board } from '../lib/board.js';
import { color, components, level, quantiles as ofQuantiles, queues, routes } from '../lib/colors.js';
import { graph, limit, stat, type Panel } from '../lib/panels.js';
import { quantiles, query, rates, share } from '../lib/prometheus.js';
import * as sli from '../lib/indicators.gen.js';
import { objectives, setVariable } from './objectives.js';

const requests = 'experience_http_request_duration_seconds_count';

export function overview(): dashboard.Dashboard {
  return board({
    uid: 'deals-overview',
    title: 'Overview and SLOs',
    purpose: 'Indicators, objectives, error budgets and firing alerts.',
    variables: [setVariable()],
    rows: [
      { title: 'Indicators', panels: indicators() },
      { title: 'Objectives: $set', panels: objectives() },
      { title: 'Requests of clients', panels: clients() },
      { title: 'Upstreams and queues', panels: internals() },
    ],
  });
}

function indicators(): Panel[] {
  const width = 4;
  return [
    stat({
      title: 'Requests',
      purpose: 'Client requests answered per second.',
      unit: 'reqps',
      decimals: 1,
      width,
      plain: color.blue,
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
    stat({
      title: 'Upstream failures',
      purpose: 'Failed calls divided by attempts. Above 100 % while open breakers reject calls without an attempt.',
      unit: 'percentunit',
      decimals: 2,
      width,
      steps: [
        { from: 0.01, color: level.watch },
        { from: 0.05, color: level.bad },
      ],
      none: 'no traffic',
      queries: [query(sli.upstreamFailureRatio, 'failures')],
    }),
    stat({
      title: 'Queue depth',
      purpose: 'Unfinished jobs in both queues. Target: under 1000.',
      unit: 'short',
      decimals: 0,
      width,
      steps: limit(sli.targets.queueDepth),
      queries: [query(sli.queueDepth, 'jobs')],
    }),
    stat({
      title: 'Queue lag',
      purpose: 'Queue depth divided by the completion rate; infinite while no job completes.',
      unit: 's',
      width,
      steps: [
        { from: sli.thresholds['queue lagSec'].watch, color: level.watch },
        { from: sli.thresholds['queue lagSec'].bad, color: level.bad },
      ],
      queries: [query(sli.queueLag, 'lag')],
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
    graph({
      title: 'Queue depth',
      purpose: 'Unfinished jobs. At 1000 and above, bulk requests get 429.',
      unit: 'short',
      width: 8,
      stacked: true,
      palette: queues,
      limits: limit(sli.targets.queueDepth),
      queries: [query(sli.depthByQueue, '{{queue}}')],
    }),
    graph({
      title: 'Queue lag',
      purpose: 'Depth of each queue divided by its completion rate; no value while no job completes.',
      unit: 's',
      width: 8,
      palette: queues,
      limits: limit(sli.thresholds['queue lagSec'].bad),
      queries: [query(sli.lagByQueue, '{{queue}}')],
    }),
  ];
}
