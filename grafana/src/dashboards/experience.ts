import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';

import { board } from '../lib/board.js';
import * as colors from '../lib/colors.js';
import * as sli from '../lib/indicators.gen.js';
import { graph, heatmap, limit, serviceGraph, timeline, type Panel } from '../lib/panels.js';
import { quantile, quantiles, query, rates, share } from '../lib/prometheus.js';
import { capacityPanels, limitPanels } from './capacity.js';

// The enrichment worker exposes the same upstream metrics.
const api = 'job="experience-api"';

const durations = 'experience_http_request_duration_seconds';
const requests = `${durations}_count`;
const attempts = `experience_upstream_requests_total{${api}}`;

export function experience(): Dashboard {
  return board({
    uid: 'deals-experience-api',
    title: 'Experience API',
    purpose: 'Requests to the API, its calls to upstreams, and its resilience policies.',
    rows: [
      { title: 'Requests', panels: requestPanels() },
      { title: 'Upstreams', panels: upstreamPanels() },
      { title: 'Resilience', panels: resiliencePanels() },
      { title: 'Rating load balancer', panels: balancerPanels() },
      { title: 'Domain services', panels: domainPanels() },
      { title: 'Capacity', panels: capacityPanels() },
      { title: 'Concurrency limits', panels: limitPanels() },
      { title: 'Service graph', panels: [calls()] },
    ],
  });
}

function calls(): Panel {
  return serviceGraph({
    title: 'Service graph',
    purpose: 'Requests per second and latency between components, computed by Tempo from sampled traces.',
    width: 24,
    height: 14,
    none: 'Tempo is not running or received no trace in this time range',
  });
}

function requestPanels(): Panel[] {
  return [
    graph({
      title: 'Rate by route',
      purpose: 'Requests per second of each route.',
      unit: 'reqps',
      width: 8,
      stacked: true,
      palette: colors.routes,
      queries: [query(rates(requests, 'route'), '{{route}}')],
    }),
    graph({
      title: 'Responses with 4xx or 5xx',
      purpose: '404, 409 and 429 are expected responses; a 5xx is an error.',
      unit: 'reqps',
      width: 8,
      palette: colors.statuses,
      none: 'All requests succeed',
      queries: [query(rates(`${requests}{status=~"4..|5.."}`, 'status'), '{{status}}')],
    }),
    graph({
      title: 'p95 by route',
      purpose: '95th percentile of each route. A dot is an exemplar and links to its trace.',
      unit: 's',
      width: 8,
      palette: colors.routes,
      limits: limit(sli.targets.p95),
      queries: [query(quantile(0.95, durations, 'route'), '{{route}}', { exemplars: true })],
    }),
    graph({
      title: 'Latency of lists',
      purpose: 'GET /api/deals. With all cards in the read model it calls no upstream.',
      unit: 's',
      width: 8,
      palette: colors.quantiles,
      limits: limit(sli.targets.p95),
      queries: quantiles(`${durations}{route="/api/deals"}`, { exemplars: true }),
    }),
    heatmap({
      title: 'List latency distribution',
      purpose: 'Two bands mean that some lists found all cards and others composed deals live.',
      unit: 's',
      width: 8,
      histogram: rates(`${durations}{route="/api/deals"}`),
    }),
    heatmap({
      title: 'Detail latency distribution',
      purpose: 'A detail takes as long as the slowest of its upstreams.',
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
      purpose: 'Attempts of the API at each upstream, including retries.',
      unit: 'reqps',
      width: 8,
      stacked: true,
      palette: colors.components,
      queries: [query(rates(attempts, 'service'), '{{service}}')],
    }),
    graph({
      title: 'Fan-out',
      purpose: 'Attempts at upstreams per client request. Without the read model, a list makes 1 + 4 calls per deal.',
      unit: 'short',
      decimals: 1,
      width: 8,
      palette: { 'attempts per request': colors.color.blue },
      queries: [query(share(rates(attempts), rates(requests)), 'attempts per request')],
    }),
    graph({
      title: 'p95 of an attempt',
      purpose: 'Duration of an attempt at each upstream. The timeout is 800 ms. A dot is an exemplar and links to its trace.',
      unit: 's',
      width: 8,
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
      title: 'Failed attempts',
      purpose: 'Attempts other than 2xx and 404, by status.',
      unit: 'reqps',
      width: 6,
      stacked: true,
      palette: colors.statuses,
      queries: [query(rates(`experience_upstream_requests_total{${api}, status!~"2..|404"}`, 'status'), '{{status}}')],
    }),
    graph({
      title: 'Retries',
      purpose: 'Share of attempts at each upstream that are retries. The retry budget is a fifth of the calls.',
      unit: 'percentunit',
      width: 6,
      softMax: 0.25,
      palette: colors.components,
      limits: limit(0.2),
      queries: [query(share(rates(retries, 'service'), rates(attempts, 'service')), '{{service}}')],
    }),
    graph({
      title: 'Retry budget exhausted',
      purpose: 'Failed attempts that were not retried because the retry budget was exhausted. The budget prevents retry storms.',
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
      purpose: 'Failed calls by reason. Each becomes a warning or an error in the response.',
      unit: 'reqps',
      width: 6,
      stacked: true,
      softMax: 1,
      palette: colors.failures,
      queries: [query(rates(`experience_upstream_failures_total{${api}}`, 'reason'), '{{reason}}')],
    }),
    timeline({
      title: 'Circuit breakers',
      purpose: 'Closed: calls pass. Open: calls fail immediately. Half-open: a few trial calls pass.',
      width: 12,
      queries: [query(`max by (service) (experience_upstream_breaker_state{${api}})`, '{{service}}')],
      states: [
        { value: 0, text: 'closed', color: colors.level.good },
        { value: 1, text: 'half-open', color: colors.level.watch },
        { value: 2, text: 'open', color: colors.level.bad },
      ],
    }),
    graph({
      title: 'Degraded responses',
      purpose: 'Share of successful responses of each route with missing parts.',
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
      purpose: 'Round robin distributes attempts evenly over healthy replicas.',
      unit: 'reqps',
      width: 6,
      stacked: true,
      queries: [query(rates('rating_lb_target_requests_total', 'target'), '{{target}}')],
    }),
    graph({
      title: 'p95 by replica',
      purpose: 'Duration of an attempt at each replica. A dot is an exemplar and links to its trace.',
      unit: 's',
      width: 6,
      queries: [
        query(quantile(0.95, 'rating_lb_target_request_duration_seconds', 'target'), '{{target}}', { exemplars: true }),
      ],
    }),
    graph({
      title: 'Ejections and fallbacks',
      purpose: 'Replicas ejected after consecutive failures, and lookups retried at the other replica.',
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
      purpose: 'A replica is out while its health check fails or while it is ejected.',
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
      purpose: 'Latency measured by each service, including its synthetic latency.',
      unit: 's',
      width: 6,
      palette: colors.components,
      queries: [query(quantile(0.95, answered, 'service'), '{{service}}', { exemplars: true })],
    }),
    graph({
      title: '5xx responses',
      purpose: 'Share of requests that each service answered with a 5xx.',
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
      title: 'Injected failures',
      purpose: 'Configured failure ratio of each service; PUT /admin/fault changes it.',
      unit: 'percentunit',
      width: 6,
      softMax: 0.1,
      palette: colors.components,
      queries: [
        query('max by (service) (domain_fault_failure_ratio) or max by (service) (domain_fault_blackhole)', '{{service}}'),
      ],
    }),
    graph({
      title: 'Injected latency',
      purpose: 'Configured maximum latency of each service. Callers time out after 800 ms.',
      unit: 's',
      width: 6,
      softMax: 1,
      palette: colors.components,
      limits: limit(0.8),
      queries: [query('max by (service) (domain_fault_latency_max_seconds)', '{{service}}')],
    }),
  ];
}
