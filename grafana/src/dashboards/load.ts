import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';

import { board } from '../lib/board.js';
import * as colors from '../lib/colors.js';
import { graph, limit, stat, type Panel } from '../lib/panels.js';
import { quantile, query, quantiles, rates, share, type Query } from '../lib/prometheus.js';
import { prometheus } from '../lib/sources.js';
import * as sli from '../lib/indicators.gen.js';

const scenario = 'scenario=~"$scenario"';
const none = 'No load is driven by k6';

/** k6 pushes its samples every 5 s. */
const pushed = { interval: '5s' };

const requests = `k6_http_reqs_total{${scenario}}`;
const durations = `k6_http_req_duration_seconds{${scenario}}`;

const ofK6 = { k6: colors.color.purple, platform: colors.color.green };

export function load(): dashboard.Dashboard {
  return board({
    uid: 'deals-load',
    title: 'Load',
    purpose: 'What k6 drives and what it gets, beside what the platform says of the same traffic.',
    variables: [scenarioVariable()],
    rows: [
      { title: 'Now', panels: now() },
      { title: 'k6 beside the platform', panels: beside() },
      { title: 'What the answers are worth', panels: worth() },
      { title: 'By scenario', panels: byScenario() },
    ],
  });
}

function scenarioVariable(): dashboard.QueryVariableBuilder {
  return new dashboard.QueryVariableBuilder('scenario')
    .label('Scenario')
    .datasource(prometheus)
    .query('label_values(k6_http_reqs_total, scenario)')
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.AlphabeticalAsc)
    .includeAll(true)
    .allValue('.*')
    .multi(true)
    .current({ text: 'All', value: '$__all' });
}

function now(): Panel[] {
  const width = 6;
  return [
    stat({
      title: 'Virtual users',
      purpose: 'Users that k6 plays at once.',
      unit: 'short',
      decimals: 0,
      width,
      plain: colors.color.purple,
      none,
      queries: [query('sum(k6_vus)', 'users', pushed)],
    }),
    stat({
      title: 'Requests',
      purpose: 'Requests that k6 makes per second.',
      unit: 'reqps',
      decimals: 1,
      width,
      plain: colors.color.purple,
      none,
      queries: [query(rates(requests), 'requests', pushed)],
    }),
    stat({
      title: 'Unexpected answers',
      purpose: 'Share of the answers that the scenario did not expect; 202, 409 and 429 are expected where they belong.',
      unit: 'percentunit',
      decimals: 2,
      width,
      none,
      steps: limit(sli.targets.errorRatio),
      queries: [query(unexpected(), 'unexpected', pushed)],
    }),
    stat({
      title: 'p95 latency',
      purpose: 'Time within which 95 % of the requests of k6 are answered, as k6 sees it.',
      unit: 's',
      width,
      none,
      steps: limit(sli.targets.p95),
      queries: [query(quantile(0.95, durations), 'p95', pushed)],
    }),
  ];
}

function unexpected(...by: string[]): string {
  const all = rates(requests, ...by);
  return share(`(${rates(`k6_http_reqs_total{${scenario}, expected_response="false"}`, ...by)} or 0 * ${all})`, all);
}

function beside(): Panel[] {
  const failed: Query[] = [
    query(unexpected(), 'k6', pushed),
    query(sli.errorRatio, 'platform'),
  ];
  return [
    graph({
      title: 'Requests',
      purpose: 'What k6 sends and what the platform answers: the same, unless somebody else is there or connections fail.',
      unit: 'reqps',
      width: 8,
      palette: ofK6,
      none,
      queries: [query(rates(requests), 'k6', pushed), query(sli.requestRate, 'platform')],
    }),
    graph({
      title: 'p95 latency',
      purpose: 'As clients see it and as the platform does: the difference is the network, and waiting to be taken on.',
      unit: 's',
      width: 8,
      palette: ofK6,
      limits: limit(sli.targets.p95),
      none,
      queries: [query(quantile(0.95, durations), 'k6', pushed), query(sli.p95, 'platform')],
    }),
    graph({
      title: 'Failures',
      purpose: 'Answers that k6 did not expect, beside the answers with a 5xx, as shares.',
      unit: 'percentunit',
      width: 8,
      softMax: 0.02,
      palette: ofK6,
      limits: limit(sli.targets.errorRatio),
      none,
      queries: failed,
    }),
    graph({
      title: 'Virtual users',
      purpose: 'Users that k6 plays, against those it may.',
      unit: 'short',
      width: 8,
      palette: { users: colors.color.purple, most: colors.color.grey },
      dashed: ['most'],
      none,
      queries: [query('sum(k6_vus)', 'users', pushed), query('sum(k6_vus_max)', 'most', pushed)],
    }),
    graph({
      title: 'Inside the platform',
      purpose: 'What the load does there: attempts at upstreams in flight, and jobs in the queues.',
      unit: 'short',
      width: 8,
      logarithmic: true,
      palette: { 'attempts in flight': colors.color.blue, 'queued jobs': colors.color.teal },
      queries: [
        query('sum(experience_upstream_in_flight{job="experience-api"})', 'attempts in flight'),
        query(sli.queueDepth, 'queued jobs'),
      ],
    }),
    graph({
      title: 'Traffic',
      purpose: 'Bytes that k6 sends and receives.',
      unit: 'Bps',
      width: 8,
      palette: { received: colors.color.blue, sent: colors.color.purple },
      none,
      queries: [
        query(rates(`k6_data_received_total{${scenario}}`), 'received', pushed),
        query(rates(`k6_data_sent_total{${scenario}}`), 'sent', pushed),
      ],
    }),
  ];
}

/** What the extension of k6 counts beside k6's own metrics. */
function worth(): Panel[] {
  const goodput = rates(`k6_deals_goodput_total{${scenario}}`);
  const throughput = rates(requests);
  const answered = rates(`k6_http_reqs_total{${scenario}, status=~"2.."}`);
  const refused = rates(`k6_http_reqs_total{${scenario}, status="429"}`);
  return [
    graph({
      title: 'Goodput',
      purpose: 'Answers of full use, 2xx with nothing missing, against all that was sent.',
      unit: 'reqps',
      width: 6,
      palette: { goodput: colors.level.good, throughput: colors.color.purple },
      dashed: ['throughput'],
      none,
      queries: [query(goodput, 'goodput', pushed), query(throughput, 'throughput', pushed)],
    }),
    graph({
      title: 'Less than was asked for',
      purpose: 'Share of the 2xx in which something is missing, and of all answers the share of 429.',
      unit: 'percentunit',
      width: 6,
      softMax: 0.05,
      palette: { degraded: colors.level.watch, refused: colors.statuses['429'] },
      none,
      queries: [
        query(`1 - ${share(goodput, answered)}`, 'degraded', pushed),
        query(share(`(${refused} or 0 * ${throughput})`, throughput), 'refused', pushed),
      ],
    }),
    graph({
      title: 'What was missing',
      purpose: 'Warnings in answers, by the service that could not be asked.',
      unit: 'suffix: /s',
      width: 6,
      stacked: true,
      palette: colors.components,
      none: 'Nothing was missing',
      queries: [query(rates(`k6_deals_warnings_total{${scenario}}`, 'upstream'), '{{upstream}}', pushed)],
    }),
    graph({
      title: 'Cards of lists',
      purpose: 'Deals of lists by how their card was come by, as the answers tell.',
      unit: 'suffix: deals/s',
      width: 6,
      stacked: true,
      palette: colors.readModel,
      none,
      queries: [query(rates(`k6_deals_read_model_total{${scenario}, outcome=~"hit|stale|miss"}`, 'outcome'), '{{outcome}}', pushed)],
    }),
  ];
}

function byScenario(): Panel[] {
  return [
    graph({
      title: 'Requests by scenario',
      purpose: 'What each scenario sends.',
      unit: 'reqps',
      width: 6,
      stacked: true,
      none,
      queries: [query(rates(requests, 'scenario'), '{{scenario}}', pushed)],
    }),
    graph({
      title: 'Requests by status',
      purpose: 'What comes back: 429 is backpressure, a 5xx is an error, 0 is no answer at all.',
      unit: 'reqps',
      width: 6,
      stacked: true,
      palette: colors.statuses,
      none,
      queries: [query(rates(requests, 'status'), '{{status}}', pushed)],
    }),
    graph({
      title: 'Latency',
      purpose: 'How long the requests of k6 take, from sending to the last byte.',
      unit: 's',
      width: 6,
      palette: colors.quantiles,
      limits: limit(sli.targets.p95),
      none,
      queries: quantiles(durations, pushed),
    }),
    graph({
      title: 'Iterations',
      purpose: 'Rounds completed, and those that k6 had no user free for: then the load is less than was asked for.',
      unit: 'suffix: /s',
      width: 6,
      palette: { completed: colors.level.good, dropped: colors.level.bad },
      none,
      queries: [
        query(rates(`k6_iterations_total{${scenario}}`), 'completed', pushed),
        query(rates(`k6_dropped_iterations_total{${scenario}}`), 'dropped', pushed),
      ],
    }),
  ];
}
