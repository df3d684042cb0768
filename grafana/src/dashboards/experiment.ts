import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';

import { board, choiceVariable } from '../lib/board.js';
import * as colors from '../lib/colors.js';
import * as sli from '../lib/indicators.gen.js';
import { count, graph, limit, timeline, type Graph, type Panel } from '../lib/panels.js';
import { movedRates, query, share, type Query } from '../lib/prometheus.js';
import { prometheus } from '../lib/sources.js';

const none = 'No run of this experiment in this time range';

/** k6 pushes its samples every 5 s. */
const pushed = { interval: '5s' };

const started = 'deals_experiment_load_start_time_seconds';
const arms = `${started}{experiment="$experiment"}`;
const all = 'experience_http_request_duration_seconds_count';
const attempts = 'experience_upstream_requests_total{job="experience-api"}';

interface Side {
  readonly legend: string;
  readonly arm: string;
  /** PromQL that moves a selector, so that the load of the arm starts together with that of the first one. */
  readonly moved: string;
}

const sides: readonly Side[] = [
  { legend: 'first arm', arm: '$first', moved: '' },
  { legend: 'second arm', arm: '$second', moved: ' offset ${shift}s' },
];

const palette = { 'first arm': colors.color.orange, 'second arm': colors.color.blue } as const satisfies colors.Palette;

export function experiment(): dashboard.Dashboard {
  return board({
    uid: 'deals-experiment',
    title: 'Experiment',
    purpose:
      'Two arms of an experiment, the second moved in time so that the loads of both start together. ' +
      'The verdict is in the dashboard, view Experiments.',
    variables: [
      choiceVariable('experiment', 'Experiment', started, 'experiment', 'retry-storm'),
      choiceVariable('first', 'First arm', arms, 'arm', 'budget'),
      // Sorted the other way, so that another arm is selected.
      choiceVariable('second', 'Second arm', arms, 'arm', 'fixed', dashboard.VariableSort.AlphabeticalDesc),
      shift(),
    ],
    rows: [
      { title: 'Are clients hurt?', panels: clients() },
      { title: 'Where: at the API or at its upstreams', panels: places() },
      { title: 'Why: retries, and what waits', panels: causes() },
      { title: 'What ran', panels: runs() },
    ],
  });
}

/** Seconds from the last load of the second arm to that of the first one, which are negative if the first arm ran before. */
function shift(): dashboard.QueryVariableBuilder {
  const start = (arm: string): string => `max(${started}{experiment="$experiment", arm="${arm}"})`;
  return new dashboard.QueryVariableBuilder('shift')
    .description('By how many seconds the second arm is moved')
    .hide(dashboard.VariableHide.HideVariable)
    .datasource(prometheus)
    .query(`query_result(round(${start('$first')} - ${start('$second')}) or vector(0))`)
    .regex('/^{} (-?[0-9]+) /')
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .current({ text: '0', value: '0' });
}

/** Returns the query for each arm, with values while it is under load. */
function compared(expr: (moved: string) => string, options: Omit<Query, 'expr' | 'legend'> = {}): Query[] {
  return sides.map(({ legend, arm, moved }) => {
    const loading = `group(deals_experiment_info{experiment="$experiment", arm="${arm}", phase="loading"}${moved})`;
    return query(`(${expr(moved)}) and on () ${loading}`, legend, options);
  });
}

function comparison(of: Omit<Graph, 'width' | 'none' | 'palette'>): Panel {
  return graph({ ...of, width: 8, none, palette });
}

function clients(): Panel[] {
  const requests = (moved: string): string => movedRates('k6_http_reqs_total', moved);
  const refused = (moved: string): string => movedRates('k6_http_reqs_total{status=~"429|503"}', moved);
  return [
    comparison({
      title: 'Goodput',
      purpose: 'Complete responses per second, as k6 counts them.',
      unit: 'reqps',
      queries: compared((moved) => movedRates('k6_deals_goodput_total', moved), pushed),
    }),
    comparison({
      title: 'p95 latency',
      purpose: '95th percentile of the latency measured by k6.',
      unit: 's',
      limits: limit(sli.targets.p95),
      queries: compared((moved) => `histogram_quantile(0.95, ${movedRates('k6_http_req_duration_seconds', moved)})`, pushed),
    }),
    comparison({
      title: 'Refused',
      purpose: 'Share of responses with 429 or 503: the platform had no room for the request.',
      unit: 'percentunit',
      softMax: 0.05,
      queries: compared((moved) => share(`(${refused(moved)} or 0 * ${requests(moved)})`, requests(moved)), pushed),
    }),
  ];
}

function places(): Panel[] {
  const durations = 'experience_upstream_request_duration_seconds{job="experience-api"}';
  const degraded = (moved: string): string => movedRates('experience_degraded_responses_total', moved);
  const failed = (moved: string): string => movedRates('experience_upstream_failures_total{job="experience-api"}', moved);
  return [
    comparison({
      title: 'p95 of upstream attempts',
      purpose: '95th percentile of the attempts of the API at all upstreams.',
      unit: 's',
      queries: compared((moved) => `histogram_quantile(0.95, ${movedRates(durations, moved)})`),
    }),
    comparison({
      title: 'Failed upstream calls',
      purpose: 'Calls of the API per second that failed after all their attempts.',
      unit: 'suffix: /s',
      queries: compared((moved) => `${failed(moved)} or 0 * ${movedRates(all, moved)}`),
    }),
    comparison({
      title: 'Degraded responses',
      purpose: 'Share of responses with missing parts.',
      unit: 'percentunit',
      softMax: 0.05,
      queries: compared((moved) => share(`(${degraded(moved)} or 0 * ${movedRates(all, moved)})`, movedRates(all, moved))),
    }),
  ];
}

function causes(): Panel[] {
  const retries = 'experience_upstream_retries_total{job="experience-api"}';
  return [
    comparison({
      title: 'Retries',
      purpose: 'Repeated attempts of the API per second.',
      unit: 'suffix: /s',
      queries: compared((moved) => `${movedRates(retries, moved)} or 0 * ${movedRates(all, moved)}`),
    }),
    comparison({
      title: 'Attempts per request',
      purpose: 'Attempts of the API at its upstreams, divided by the requests that it answers.',
      unit: 'none',
      queries: compared((moved) => share(movedRates(attempts, moved), movedRates(all, moved))),
    }),
    comparison({
      title: 'Waiting requests',
      purpose: 'Requests that wait at domain services for capacity, and attempts that wait in the API for the limit of their upstream.',
      unit: count,
      queries: compared((moved) => `sum(domain_capacity_waiting${moved}) + sum(experience_upstream_waiting{job="experience-api"}${moved})`),
    }),
  ];
}

function runs(): Panel[] {
  const width = 12;
  return [
    timeline({
      title: 'Arms under load',
      purpose: 'When each arm had its load, without moving the second one.',
      width,
      none,
      states: [{ value: 1, text: 'load', color: colors.color.teal }],
      otherwise: 'no load',
      queries: [query('max by (arm) (deals_experiment_info{experiment="$experiment", phase="loading"})', '{{arm}}')],
    }),
    timeline({
      title: 'Disturbances',
      purpose: 'When the experiment disturbed the platform, and how.',
      width,
      none: 'No disturbance in this time range',
      states: [{ value: 1, text: 'in force', color: colors.color.red }],
      otherwise: 'none',
      queries: [query('max by (disturbance) (deals_experiment_disturbance_info{experiment="$experiment"})', '{{disturbance}}')],
    }),
  ];
}
