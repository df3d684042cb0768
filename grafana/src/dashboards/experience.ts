import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';

import { board, labelVariable } from '../lib/board.js';
import * as colors from '../lib/colors.js';
import * as sli from '../lib/indicators.gen.js';
import { logs, serviceGraph } from '../lib/optional.js';
import { graph, heatmap, limit, stat, timeline, type Panel } from '../lib/panels.js';
import { quantile, query, rates, share } from '../lib/prometheus.js';
import { capacityPanels, limitPanels } from './capacity.js';
import { balancerPanels, servicePanels } from './services.js';
import { listLatency } from './shared.js';
import { slowAndFailed, whatSlowOnesShare } from './traces.js';

// The enrichment worker exposes the same upstream metrics.
const api = 'job="experience-api", instance=~"$instance"';

const durations = 'experience_http_request_duration_seconds';
const selected = 'route=~"$route", instance=~"$instance"';
const requests = `${durations}_count{${selected}}`;
const errors = `experience_http_request_errors_total{${selected}}`;
const degraded = `experience_degraded_responses_total{${selected}}`;
const attempts = `experience_upstream_requests_total{${api}}`;

export function experience(): Dashboard {
  return board({
    uid: 'deals-experience-api',
    title: 'Experience API',
    purpose: 'Requests to the API, its calls to upstreams, and its resilience policies.',
    variables: [
      labelVariable('route', 'Route', `${durations}_count`, 'route'),
      labelVariable('instance', 'Instance', 'target_info{service_name="experience-api"}', 'instance'),
    ],
    rows: [
      { title: 'Are clients hurt?', panels: [...verdicts(), ...requestPanels()] },
      { title: 'Where: upstreams and requests', panels: [...upstreamPanels(), slowAndFailed()] },
      { title: 'Why: failures, and what slow requests have in common', panels: [...failurePanels(), whatSlowOnesShare(), lines()] },
      { title: 'Retries and fan-out', panels: retryPanels() },
      { title: 'Latency distributions', panels: distributionPanels() },
      { title: 'Rating load balancer', panels: balancerPanels() },
      { title: 'Domain services', panels: servicePanels() },
      { title: 'Capacity', panels: capacityPanels() },
      { title: 'Concurrency limits', panels: limitPanels() },
      { title: 'Service graph', panels: [calls()] },
    ],
  });
}

function calls(): Panel {
  return serviceGraph({
    title: 'Service graph',
    purpose:
      'Requests per second and latency between components. Tempo counts them in recorded traces only, which are a part of all: ' +
      'the rates are too low under load. Exact ones are in the other panels of this dashboard.',
    width: 24,
    height: 14,
    none: 'No request was recorded',
  });
}

function lines(): Panel {
  return logs({
    title: 'Warnings and errors',
    purpose: 'Log lines of all components with the level warn or error. Open a line for its trace.',
    width: 24,
    height: 10,
    none: 'No warnings or errors in this time range',
    query:
      '{service_namespace="deals"} | detected_level=~"warn|error|critical|fatal"' +
      ' | line_format "{{.service_name}}: {{__line__}} {{.method}} {{.path}} {{.status}} {{.queue}} {{.error}}"',
  });
}

function verdicts(): Panel[] {
  const width = 6;
  return [
    stat({
      title: 'Requests',
      purpose: 'Requests of the selected routes answered per second.',
      unit: 'reqps',
      decimals: 1,
      width,
      plain: colors.color.blue,
      queries: [query(rates(requests), 'requests')],
    }),
    stat({
      title: 'Errors',
      purpose: 'Share of requests of the selected routes answered with a 5xx. Target: under 1 %.',
      unit: 'percentunit',
      decimals: 2,
      width,
      steps: limit(sli.targets.errorRatio),
      none: 'no traffic',
      queries: [query(share(`(${rates(errors)} or vector(0))`, rates(requests)), 'errors')],
    }),
    stat({
      title: 'p95 latency',
      purpose: '95th percentile of the latency of the selected routes. Target: under 300 ms.',
      unit: 's',
      width,
      steps: limit(sli.targets.p95),
      none: 'no traffic',
      queries: [query(quantile(0.95, `${durations}{${selected}}`), 'p95')],
    }),
    stat({
      title: 'Degraded responses',
      purpose: 'Share of responses of the selected routes with missing parts.',
      unit: 'percentunit',
      decimals: 2,
      width,
      steps: [{ from: 0.01, color: colors.level.watch }],
      none: 'no traffic',
      queries: [query(share(`(${rates(degraded)} or vector(0))`, rates(requests)), 'degraded')],
    }),
  ];
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
      purpose: '404, 409 and 429 are expected responses; a 5xx is an error. 499: the client gave up.',
      unit: 'reqps',
      width: 8,
      palette: colors.statuses,
      none: 'All requests succeed',
      queries: [query(rates(`${durations}_count{${selected}, status=~"4..|5.."}`, 'status'), '{{status}}')],
    }),
    graph({
      title: 'p95 by route',
      purpose: '95th percentile of each route. A dot is an exemplar and links to its trace.',
      unit: 's',
      width: 8,
      palette: colors.routes,
      limits: limit(sli.targets.p95),
      queries: [query(quantile(0.95, `${durations}{${selected}}`, 'route'), '{{route}}', { exemplars: true })],
    }),
  ];
}

function distributionPanels(): Panel[] {
  const of = (route: string): string => `route="${route}", instance=~"$instance"`;
  return [
    listLatency(8, 'GET /api/deals. With all cards in the read model it calls no upstream.', of('/api/deals')),
    heatmap({
      title: 'List latency distribution',
      purpose: 'Two bands mean that some lists found all cards and others composed deals live.',
      unit: 's',
      width: 8,
      histogram: rates(`${durations}{${of('/api/deals')}}`),
    }),
    heatmap({
      title: 'Detail latency distribution',
      purpose: 'A detail takes as long as the slowest of its upstreams.',
      unit: 's',
      width: 8,
      histogram: rates(`${durations}{${of('/api/deals/:id')}}`),
    }),
  ];
}

function upstreamPanels(): Panel[] {
  return [
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
    graph({
      title: 'Final failures by upstream',
      purpose: 'Calls to each upstream that failed after retries, or were rejected by breakers and limits.',
      unit: 'reqps',
      width: 8,
      stacked: true,
      softMax: 1,
      palette: colors.components,
      queries: [query(rates(`experience_upstream_failures_total{${api}}`, 'service'), '{{service}}')],
    }),
    timeline({
      title: 'Circuit breakers',
      purpose: 'Closed: calls pass. Open: calls fail immediately. Half-open: a few trial calls pass.',
      width: 8,
      queries: [query(`max by (service) (experience_upstream_breaker_state{${api}})`, '{{service}}')],
      states: [
        { value: 0, text: 'closed', color: colors.level.good },
        { value: 1, text: 'half-open', color: colors.level.watch },
        { value: 2, text: 'open', color: colors.level.bad },
      ],
    }),
  ];
}

function failurePanels(): Panel[] {
  return [
    graph({
      title: 'Final failures by reason',
      purpose: 'Failed calls by reason. Each becomes a warning or an error in the response.',
      unit: 'reqps',
      width: 8,
      stacked: true,
      softMax: 1,
      palette: colors.failures,
      queries: [query(rates(`experience_upstream_failures_total{${api}}`, 'reason'), '{{reason}}')],
    }),
    graph({
      title: 'Failed attempts',
      purpose: 'Attempts other than 2xx and 404, by status.',
      unit: 'reqps',
      width: 8,
      stacked: true,
      palette: colors.statuses,
      queries: [query(rates(`experience_upstream_requests_total{${api}, status!~"2..|404"}`, 'status'), '{{status}}')],
    }),
    graph({
      title: 'Degraded responses by route',
      purpose: 'Share of responses of each route with missing parts.',
      unit: 'percentunit',
      width: 8,
      softMax: 0.1,
      palette: colors.routes,
      queries: [query(share(rates(degraded, 'route'), rates(requests, 'route')), '{{route}}')],
    }),
  ];
}

function retryPanels(): Panel[] {
  const retries = `experience_upstream_retries_total{${api}}`;
  return [
    graph({
      title: 'Attempts by upstream',
      purpose: 'Attempts of the API at each upstream, including retries.',
      unit: 'reqps',
      width: 6,
      stacked: true,
      palette: colors.components,
      queries: [query(rates(attempts, 'service'), '{{service}}')],
    }),
    graph({
      title: 'Fan-out',
      purpose: 'Attempts at upstreams per client request of any route. Without the read model, a list makes 1 + 4 calls per deal.',
      unit: 'none',
      decimals: 1,
      width: 6,
      palette: { 'attempts per request': colors.color.blue },
      queries: [query(share(rates(attempts), rates(`${durations}_count{${api}}`)), 'attempts per request')],
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
      queries: [query(rates(`experience_upstream_retry_budget_exhausted_total{${api}}`, 'service'), '{{service}}')],
    }),
  ];
}
