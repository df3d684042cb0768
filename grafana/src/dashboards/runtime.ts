import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';

import { board, labelVariable } from '../lib/board.js';
import * as colors from '../lib/colors.js';
import { flameGraph } from '../lib/optional.js';
import { count, graph, type Panel } from '../lib/panels.js';
import { classicQuantile, quantile, query, rate, rates, type Query } from '../lib/prometheus.js';
import { prometheus } from '../lib/sources.js';
import { listLatency } from './shared.js';

const durations = 'experience_http_request_duration_seconds';
const hashes = 'route=~"/api/heavy-hash/.+"';
const component = 'job="$component", instance=~"$instance"';

export function runtime(): dashboard.Dashboard {
  return board({
    uid: 'deals-runtime',
    title: 'Go runtime and heavy hash',
    purpose: 'Bad and good hashes: scheduler latency, effect on other requests, CPU profiles.',
    variables: [
      componentVariable(),
      labelVariable('instance', 'Instance', 'target_info{service_name="$component"}', 'instance'),
    ],
    rows: [
      { title: 'Are users hurt?', panels: hashPanels() },
      { title: 'Where: the hash pool', panels: poolPanels() },
      { title: 'Why: what used the CPU', panels: flamePanels() },
      { title: 'Go runtime of $component', panels: runtimePanels() },
    ],
  });
}

function componentVariable(): dashboard.QueryVariableBuilder {
  return new dashboard.QueryVariableBuilder('component')
    .label('Component')
    .description('Component of the Go runtime panels')
    .datasource(prometheus)
    .query('label_values(target_info{service_namespace="deals"}, service_name)')
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .sort(dashboard.VariableSort.AlphabeticalAsc)
    .current({ text: 'experience-api', value: 'experience-api' });
}

function hashPanels(): Panel[] {
  return [
    graph({
      title: 'Hashes',
      purpose: 'Hash requests. Bad computes on the goroutine of the request, good in the pool.',
      unit: 'reqps',
      width: 6,
      palette: colors.routes,
      none: 'No hashes in this time range',
      queries: [query(rates(`${durations}_count{${hashes}}`, 'route'), '{{route}}')],
    }),
    graph({
      title: 'p95 of a hash',
      purpose: 'Latency of a hash request, including time in the queue of the pool or of the scheduler.',
      unit: 's',
      width: 6,
      palette: colors.routes,
      none: 'No hashes in this time range',
      queries: [query(quantile(0.95, `${durations}{${hashes}}`, 'route'), '{{route}}', { exemplars: true })],
    }),
    listLatency(6, 'Lists compute no hashes. Bad hashes delay them, good ones do not.'),
    graph({
      title: 'Scheduler latency of the API',
      purpose: 'Time that runnable goroutines wait for a processor.',
      unit: 's',
      width: 6,
      logarithmic: true,
      palette: colors.quantiles,
      queries: schedulerLatency('job="experience-api"'),
    }),
  ];
}

function flamePanels(): Panel[] {
  const unfold = 'A number in brackets stands for callers and callees in one bar: a click on it unfolds them.';
  const spans = (name: string): string => `{service_name="experience-api", span_name="POST /api/heavy-hash/${name}"}`;
  return [
    flameGraph({
      title: 'Bad hashes',
      purpose: `CPU time of bad hashes: under the HTTP handler, on the goroutine of the request. ${unfold}`,
      width: 12,
      height: 10,
      none: 'No bad hash was profiled',
      selector: spans('bad'),
    }),
    flameGraph({
      title: 'Good hashes',
      purpose: `CPU time of good hashes: on a thread of the pool, outside the handlers. ${unfold}`,
      width: 12,
      height: 10,
      none: 'No good hash was profiled',
      selector: spans('good'),
    }),
  ];
}

function poolPanels(): Panel[] {
  const pool = 'experience_hash_pool';
  return [
    graph({
      title: 'Hashes in the pool',
      purpose: 'Hashes in progress and waiting. At the capacity further requests get 429.',
      unit: count,
      width: 8,
      palette: { jobs: colors.color.blue, capacity: colors.color.red },
      dashed: ['capacity'],
      queries: [query(`sum(${pool}_jobs)`, 'jobs'), query(`sum(${pool}_capacity)`, 'capacity')],
    }),
    graph({
      title: 'Busy threads',
      purpose: 'Busy and all threads of the pool.',
      unit: count,
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
      purpose: 'Time waiting for a thread and time computing.',
      unit: 's',
      width: 8,
      palette: { 'in queue': colors.level.watch, computing: colors.color.blue },
      none: 'No good hashes in this time range',
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
      purpose: 'Time that runnable goroutines wait for a processor.',
      unit: 's',
      width: 6,
      logarithmic: true,
      palette: colors.quantiles,
      queries: schedulerLatency(component),
    }),
    graph({
      title: 'Goroutines by state',
      purpose: 'Runnable goroutines wait for a processor: they are the run queue.',
      unit: count,
      width: 6,
      stacked: true,
      palette: { running: colors.color.green, runnable: colors.color.red, waiting: colors.color.blue },
      queries: ['running', 'runnable', 'waiting'].map((state) =>
        query(`sum(go_sched_goroutines_${state}_goroutines{${component}})`, state),
      ),
    }),
    graph({
      title: 'CPU',
      purpose: 'Cores in use, and the limit of goroutines running at the same time (GOMAXPROCS).',
      unit: 'none',
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
      purpose: 'Operating system threads, including blocked and locked ones.',
      unit: count,
      width: 6,
      palette: { 'OS threads': colors.color.blue },
      queries: [query(`sum(go_sched_threads_total_threads{${component}})`, 'OS threads')],
    }),
    graph({
      title: 'Memory',
      purpose: 'Resident memory, live heap, and the heap size at which the next collection starts.',
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
      purpose: 'Bytes allocated. The collector runs more often with a higher rate.',
      unit: 'Bps',
      width: 6,
      palette: { allocated: colors.color.blue },
      queries: [query(`sum(${rate(`go_gc_heap_allocs_bytes_total{${component}}`)})`, 'allocated')],
    }),
    graph({
      title: 'Garbage collections',
      purpose: 'Garbage collection cycles.',
      unit: 'ops',
      width: 6,
      palette: { collections: colors.color.blue },
      queries: [query(`sum(${rate(`go_gc_cycles_total_gc_cycles_total{${component}}`)})`, 'collections')],
    }),
    graph({
      title: 'Garbage collection pauses',
      purpose: 'Stop-the-world time. The histogram has one bucket per power of ten.',
      unit: 's',
      width: 6,
      logarithmic: true,
      palette: colors.quantiles,
      none: 'No collection in this time range',
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
