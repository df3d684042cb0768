import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';

import { board } from '../lib/board.js';
import * as colors from '../lib/colors.js';
import { targets } from '../lib/indicators.gen.js';
import { graph, heatmap, limit, serviceGraph, timeline, type Panel } from '../lib/panels.js';
import { quantile, quantiles, query, rates, share } from '../lib/prometheus.js';

// The enrichment worker calls the same upstreams, with metrics of the same names.
const api = 'job="experience-api"';

const durations = 'experience_http_request_duration_seconds';
const requests = `${durations}_count`;
const attempts = `experience_upstream_requests_total{${api}}`;

export function experience(): Dashboard {
  return board({
    uid: 'deals-experience-api',
    title: 'Experience API',
    purpose: 'What clients of the API get, what it asks of its upstreams for that, and how it holds out when they fail.',
    rows: [
      { title: 'Requests', panels: requestPanels() },
      { title: 'Upstreams', panels: upstreamPanels() },
      { title: 'Resilience', panels: resiliencePanels() },
      { title: 'Rating load balancer', panels: balancerPanels() },
      { title: 'Domain services', panels: domainPanels() },
      { title: 'Calls, by their traces', panels: [calls()] },
    ],
  });
}

function calls(): Panel {
  return serviceGraph({
    title: 'Who calls whom',
    purpose: 'Requests per second and their latency between all components, of the traces that are sampled.',
    width: 24,
    height: 14,
    none: 'Tempo does not run, or has seen no trace in this time',
  });
}

function requestPanels(): Panel[] {
  return [
    graph({
      title: 'Rate by route',
      purpose: 'What clients ask for.',
      unit: 'reqps',
      width: 8,
      stacked: true,
      palette: colors.routes,
      queries: [query(rates(requests, 'route'), '{{route}}')],
    }),
    graph({
      title: 'Answers other than success',
      purpose: 'Answers by status from 400 on: 404, 409 and 429 are the platform at work, a 5xx is an error.',
      unit: 'reqps',
      width: 8,
      palette: colors.statuses,
      none: 'All requests succeed',
      queries: [query(rates(`${requests}{status=~"4..|5.."}`, 'status'), '{{status}}')],
    }),
    graph({
      title: 'p95 by route',
      purpose: 'How long clients wait for each route. A dot opens its trace.',
      unit: 's',
      width: 8,
      palette: colors.routes,
      limits: limit(targets.p95),
      queries: [query(quantile(0.95, durations, 'route'), '{{route}}', { exemplars: true })],
    }),
    graph({
      title: 'Latency of lists',
      purpose: 'The route that the read model is for: answered without a call when all cards are there.',
      unit: 's',
      width: 8,
      palette: colors.quantiles,
      limits: limit(targets.p95),
      queries: quantiles(`${durations}{route="/api/deals"}`, { exemplars: true }),
    }),
    heatmap({
      title: 'Spread of list latency',
      purpose: 'How many lists took how long: two bands are cards at hand, and deals composed live.',
      unit: 's',
      width: 8,
      histogram: rates(`${durations}{route="/api/deals"}`),
    }),
    heatmap({
      title: 'Spread of detail latency',
      purpose: 'How many details took how long: each waits for the slowest of its upstreams.',
      unit: 's',
      width: 8,
      histogram: rates(`${durations}{route="/api/deals/:id"}`),
    }),
  ];
}

function upstreamPanels(): Panel[] {
  return [
    graph({
      title: 'Attempts by upstream',
      purpose: 'What the API asks of each upstream, retries included.',
      unit: 'reqps',
      width: 6,
      stacked: true,
      palette: colors.components,
      queries: [query(rates(attempts, 'service'), '{{service}}')],
    }),
    graph({
      title: 'Fan-out',
      purpose: 'Attempts at upstreams for each request of a client: without the read model a list alone would make 1 + 4 for each deal.',
      unit: 'short',
      decimals: 1,
      width: 6,
      palette: { 'attempts per request': colors.color.blue },
      queries: [query(share(rates(attempts), rates(requests)), 'attempts per request')],
    }),
    graph({
      title: 'Attempts in flight',
      purpose: 'Attempts in flight at each upstream. At the limit of an upstream, calls wait.',
      unit: 'short',
      width: 6,
      stacked: true,
      palette: { ...colors.components, cap: colors.color.red },
      dashed: ['cap'],
      queries: [
        query(`sum by (service) (experience_upstream_in_flight{${api}})`, '{{service}}'),
        query(`max by (service) (experience_upstream_limit{${api}} < Inf)`, 'limit of {{service}}'),
      ],
    }),
    graph({
      title: 'p95 of an attempt',
      purpose: 'How long an attempt at each upstream takes; it is given up after 800 ms. A dot opens its trace.',
      unit: 's',
      width: 6,
      palette: colors.components,
      limits: limit(0.8),
      queries: [
        query(quantile(0.95, `experience_upstream_request_duration_seconds{${api}}`, 'service'), '{{service}}', {
          exemplars: true,
        }),
      ],
    }),
  ];
}

function resiliencePanels(): Panel[] {
  const retries = `experience_upstream_retries_total{${api}}`;
  return [
    graph({
      title: 'Attempts that failed',
      purpose: 'Attempts by how they ended, other than well: what the policies have to deal with.',
      unit: 'reqps',
      width: 6,
      stacked: true,
      palette: colors.statuses,
      queries: [query(rates(`experience_upstream_requests_total{${api}, status!~"2..|404"}`, 'status'), '{{status}}')],
    }),
    graph({
      title: 'Retries',
      purpose: 'Share of the attempts at each upstream that are retries: the budget allows a fifth of the calls.',
      unit: 'percentunit',
      width: 6,
      softMax: 0.25,
      palette: colors.components,
      limits: limit(0.2),
      queries: [query(share(rates(retries, 'service'), rates(attempts, 'service')), '{{service}}')],
    }),
    graph({
      title: 'Retry budget spent',
      purpose: 'Failed attempts that were not tried again because the retry budget was spent: the brake on a retry storm.',
      unit: 'reqps',
      width: 6,
      softMax: 1,
      palette: colors.components,
      queries: [
        query(rates(`experience_upstream_retry_budget_exhausted_total{${api}}`, 'service'), '{{service}}'),
      ],
    }),
    graph({
      title: 'Final failures',
      purpose: 'Calls that failed after all policies, by reason: what reaches the answer as a warning or an error.',
      unit: 'reqps',
      width: 6,
      stacked: true,
      softMax: 1,
      palette: colors.failures,
      queries: [query(rates(`experience_upstream_failures_total{${api}}`, 'reason'), '{{reason}}')],
    }),
    timeline({
      title: 'Circuit breakers',
      purpose: 'Closed: calls go through. Open: they fail at once. Half-open: a few are let through to see.',
      width: 12,
      queries: [query(`max by (service) (experience_upstream_breaker_state{${api}})`, '{{service}}')],
      states: [
        { value: 0, text: 'closed', color: colors.level.good },
        { value: 1, text: 'half-open', color: colors.level.watch },
        { value: 2, text: 'open', color: colors.level.bad },
      ],
    }),
    graph({
      title: 'Degraded answers',
      purpose: 'Answers that succeeded with a part missing, as a share of those of their route.',
      unit: 'percentunit',
      width: 12,
      softMax: 0.1,
      palette: colors.routes,
      queries: [
        query(share(rates('experience_degraded_responses_total', 'route'), rates(requests, 'route')), '{{route}}'),
      ],
    }),
  ];
}

function balancerPanels(): Panel[] {
  return [
    graph({
      title: 'Attempts by replica',
      purpose: 'Round robin shares the attempts evenly while both replicas are well.',
      unit: 'reqps',
      width: 6,
      stacked: true,
      queries: [query(rates('rating_lb_target_requests_total', 'target'), '{{target}}')],
    }),
    graph({
      title: 'p95 by replica',
      purpose: 'How long an attempt at each replica takes. A dot opens its trace.',
      unit: 's',
      width: 6,
      queries: [
        query(quantile(0.95, 'rating_lb_target_request_duration_seconds', 'target'), '{{target}}', { exemplars: true }),
      ],
    }),
    graph({
      title: 'Ejections and fallbacks',
      purpose: 'Replicas taken out after failures in a row, and lookups that were tried again at the other one.',
      unit: 'ops',
      width: 6,
      softMax: 1,
      palette: { fallbacks: colors.level.watch, ejections: colors.level.bad },
      queries: [
        query(rates('rating_lb_fallbacks_total'), 'fallbacks'),
        query(rates('rating_lb_target_ejections_total'), 'ejections'),
      ],
    }),
    timeline({
      title: 'Replicas in rotation',
      purpose: 'Out: the health check fails, or the replica was ejected.',
      width: 6,
      queries: [query('min by (target) (rating_lb_target_healthy)', '{{target}}')],
      states: [
        { value: 1, text: 'in rotation', color: colors.level.good },
        { value: 0, text: 'out', color: colors.level.bad },
      ],
    }),
  ];
}

function domainPanels(): Panel[] {
  const answered = 'domain_http_request_duration_seconds';
  return [
    graph({
      title: 'p95 by service',
      purpose: 'How long each service itself says it takes, its synthetic latency included.',
      unit: 's',
      width: 6,
      palette: colors.components,
      queries: [query(quantile(0.95, answered, 'service'), '{{service}}', { exemplars: true })],
    }),
    graph({
      title: 'Answers with 5xx',
      purpose: 'Share of the requests that each service itself says it failed.',
      unit: 'percentunit',
      width: 6,
      softMax: 0.1,
      palette: colors.components,
      queries: [
        query(
          share(
            `(${rates(`${answered}_count{status=~"5.."}`, 'service')} or 0 * ${rates(`${answered}_count`, 'service')})`,
            rates(`${answered}_count`, 'service'),
          ),
          '{{service}}',
        ),
      ],
    }),
    graph({
      title: 'Faults in force: failures',
      purpose: 'The share of requests that each service is set to fail; PUT /admin/fault changes it.',
      unit: 'percentunit',
      width: 6,
      softMax: 0.1,
      palette: colors.components,
      queries: [
        query('max by (service) (domain_fault_failure_ratio) or max by (service) (domain_fault_blackhole)', '{{service}}'),
      ],
    }),
    graph({
      title: 'Faults in force: latency',
      purpose: 'The greatest synthetic latency of each service; attempts are given up after 800 ms.',
      unit: 's',
      width: 6,
      softMax: 1,
      palette: colors.components,
      limits: limit(0.8),
      queries: [query('max by (service) (domain_fault_latency_max_seconds)', '{{service}}')],
    }),
  ];
}
