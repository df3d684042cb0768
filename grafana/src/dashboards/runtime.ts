import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';

import { board } from '../lib/board.js';
import * as colors from '../lib/colors.js';
import { targets } from '../lib/indicators.gen.js';
import { flameGraph, graph, limit, type Panel } from '../lib/panels.js';
import { classicQuantile, quantile, query, rate, rates, type Query } from '../lib/prometheus.js';
import { prometheus } from '../lib/sources.js';

const durations = 'experience_http_request_duration_seconds';
const hashes = 'route=~"/api/heavy-hash/.+"';
const component = 'job="$component"';

export function runtime(): dashboard.Dashboard {
  return board({
    uid: 'deals-runtime',
    title: 'Go runtime and heavy hash',
    purpose: 'The same hash done badly and well: what it does to the scheduler, to other requests, and where the time goes.',
    variables: [componentVariable()],
    rows: [
      { title: 'Bad against good', panels: hashPanels() },
      { title: 'Where the CPU goes', panels: flamePanels() },
      { title: 'Pool of the good one', panels: poolPanels() },
      { title: 'Go runtime: $component', panels: runtimePanels() },
    ],
  });
}

function componentVariable(): dashboard.QueryVariableBuilder {
  return new dashboard.QueryVariableBuilder('component')
    .label('Component')
    .description('Whose Go runtime is shown below')
    .datasource(prometheus)
    .query('label_values(deals_component_info, component)')
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.AlphabeticalAsc)
    .current({ text: 'experience-api', value: 'experience-api' });
}

function hashPanels(): Panel[] {
  return [
    graph({
      title: 'Hashes',
      purpose: 'Hashes asked for: bad runs them on the goroutine of the request, good hands them to the pool.',
      unit: 'reqps',
      width: 6,
      palette: colors.routes,
      none: 'No hashes in this time',
      queries: [query(rates(`${durations}_count{${hashes}}`, 'route'), '{{route}}')],
    }),
    graph({
      title: 'p95 of a hash',
      purpose: 'How long a hash takes its client, in the queue of the pool or of the scheduler included.',
      unit: 's',
      width: 6,
      palette: colors.routes,
      none: 'No hashes in this time',
      queries: [query(quantile(0.95, `${durations}{${hashes}}`, 'route'), '{{route}}', { exemplars: true })],
    }),
    graph({
      title: 'What lists pay',
      purpose: 'Latency of lists, which do no hashing: bad hashes make them wait, good ones do not.',
      unit: 's',
      width: 6,
      palette: colors.quantiles,
      limits: limit(targets.p95),
      queries: [
        query(quantile(0.95, `${durations}{route="/api/deals"}`), 'p95'),
        query(quantile(0.99, `${durations}{route="/api/deals"}`), 'p99', { exemplars: true }),
      ],
    }),
    graph({
      title: 'Scheduler latency of the API',
      purpose: 'How long a goroutine that could run waits for a processor; its histogram has one bucket for each power of ten.',
      unit: 's',
      width: 6,
      logarithmic: true,
      palette: colors.quantiles,
      queries: schedulerLatency('job="experience-api"'),
    }),
  ];
}

function flamePanels(): Panel[] {
  const spans = (name: string): string => `{service_name="experience-api", span_name="POST /api/heavy-hash/${name}"}`;
  return [
    flameGraph({
      title: 'bad',
      purpose: 'CPU time of bad hashes: all of it under the HTTP handler, on the goroutine of the request.',
      width: 12,
      height: 14,
      none: 'No bad hash in this time, or no profiles: PYROSCOPE_URL',
      selector: spans('bad'),
    }),
    flameGraph({
      title: 'good',
      purpose: 'CPU time of good hashes: the same work under a thread of the pool, away from the handlers.',
      width: 12,
      height: 14,
      none: 'No good hash in this time, or no profiles: PYROSCOPE_URL',
      selector: spans('good'),
    }),
  ];
}

function poolPanels(): Panel[] {
  const pool = 'experience_hash_pool';
  return [
    graph({
      title: 'Hashes in the pool',
      purpose: 'Computed and waiting, against what the pool takes; beyond it the answer is 429.',
      unit: 'short',
      width: 8,
      palette: { jobs: colors.color.blue, capacity: colors.color.red },
      dashed: ['capacity'],
      queries: [query(`sum(${pool}_jobs)`, 'jobs'), query(`sum(${pool}_capacity)`, 'capacity')],
    }),
    graph({
      title: 'Busy threads',
      purpose: 'Threads that compute, against those there are.',
      unit: 'short',
      width: 4,
      palette: { busy: colors.color.blue, threads: colors.color.grey },
      dashed: ['threads'],
      queries: [query(`sum(${pool}_busy_workers)`, 'busy'), query(`sum(${pool}_workers)`, 'threads')],
    }),
    graph({
      title: 'Refused',
      purpose: 'Hashes answered with 429 because the pool was full.',
      unit: 'reqps',
      width: 4,
      softMax: 1,
      palette: { refused: colors.level.watch },
      queries: [query(rates(`${pool}_rejections_total`), 'refused')],
    }),
    graph({
      title: 'p95 in the pool',
      purpose: 'How long hashes wait for a thread, and how long they then take.',
      unit: 's',
      width: 8,
      palette: { 'in queue': colors.level.watch, computing: colors.color.blue },
      none: 'No good hashes in this time',
      queries: [
        query(quantile(0.95, `${pool}_queue_seconds`), 'in queue', { exemplars: true }),
        query(quantile(0.95, `${pool}_compute_seconds`), 'computing', { exemplars: true }),
      ],
    }),
  ];
}

function runtimePanels(): Panel[] {
  return [
    graph({
      title: 'Scheduler latency',
      purpose: 'How long a goroutine that could run waits for a processor.',
      unit: 's',
      width: 6,
      logarithmic: true,
      palette: colors.quantiles,
      queries: schedulerLatency(component),
    }),
    graph({
      title: 'Goroutines by state',
      purpose: 'Runnable ones wait for a processor: they are the run queue.',
      unit: 'short',
      width: 6,
      stacked: true,
      palette: { running: colors.color.green, runnable: colors.color.red, waiting: colors.color.blue },
      queries: ['running', 'runnable', 'waiting'].map((state) =>
        query(`sum(go_sched_goroutines_${state}_goroutines{${component}})`, state),
      ),
    }),
    graph({
      title: 'CPU',
      purpose: 'Cores in use, against the goroutines that may run at once (GOMAXPROCS).',
      unit: 'short',
      decimals: 1,
      width: 6,
      palette: { used: colors.color.blue, GOMAXPROCS: colors.color.grey },
      dashed: ['GOMAXPROCS'],
      queries: [
        query(`sum(${rate(`process_cpu_seconds_total{${component}}`)})`, 'used'),
        query(`sum(go_sched_gomaxprocs_threads{${component}})`, 'GOMAXPROCS'),
      ],
    }),
    graph({
      title: 'Threads',
      purpose: 'Threads of the operating system: one for each call that blocks, and those that are locked.',
      unit: 'short',
      width: 6,
      palette: { 'OS threads': colors.color.blue },
      queries: [query(`sum(go_sched_threads_total_threads{${component}})`, 'OS threads')],
    }),
    graph({
      title: 'Memory',
      purpose: 'What the operating system sees, what of the heap is live, and the heap at which the next collection begins.',
      unit: 'bytes',
      width: 6,
      palette: { resident: colors.color.blue, live: colors.color.green, 'heap goal': colors.color.grey },
      dashed: ['heap goal'],
      queries: [
        query(`sum(process_resident_memory_bytes{${component}})`, 'resident'),
        query(`sum(go_gc_heap_live_bytes{${component}})`, 'live'),
        query(`sum(go_gc_heap_goal_bytes{${component}})`, 'heap goal'),
      ],
    }),
    graph({
      title: 'Allocation',
      purpose: 'What is allocated: the more, the more often the collector runs.',
      unit: 'Bps',
      width: 6,
      palette: { allocated: colors.color.blue },
      queries: [query(`sum(${rate(`go_gc_heap_allocs_bytes_total{${component}}`)})`, 'allocated')],
    }),
    graph({
      title: 'Collections',
      purpose: 'Garbage collections begun.',
      unit: 'ops',
      width: 6,
      palette: { collections: colors.color.blue },
      queries: [query(`sum(${rate(`go_gc_cycles_total_gc_cycles_total{${component}}`)})`, 'collections')],
    }),
    graph({
      title: 'Pauses',
      purpose: 'How long all goroutines stand still for the collector; its histogram has one bucket for each power of ten.',
      unit: 's',
      width: 6,
      logarithmic: true,
      palette: colors.quantiles,
      none: 'No collection in this time',
      queries: [
        query(classicQuantile(0.5, 'go_sched_pauses_total_gc_seconds', component), 'p50'),
        query(classicQuantile(0.99, 'go_sched_pauses_total_gc_seconds', component), 'p99'),
      ],
    }),
  ];
}

function schedulerLatency(selector: string): Query[] {
  return [
    query(classicQuantile(0.5, 'go_sched_latencies_seconds', selector), 'p50'),
    query(classicQuantile(0.95, 'go_sched_latencies_seconds', selector), 'p95'),
    query(classicQuantile(0.99, 'go_sched_latencies_seconds', selector), 'p99'),
  ];
}
