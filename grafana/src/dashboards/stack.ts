import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';

import { board } from '../lib/board.js';
import * as colors from '../lib/colors.js';
import { graph, limit, stat, timeline, type Graph, type Panel } from '../lib/panels.js';
import { classicQuantile, query, rates } from '../lib/prometheus.js';

const job = '{{job}}';

export function stack(): Dashboard {
  return board({
    uid: 'deals-stack',
    title: 'Stack health',
    purpose: 'Whether everything runs, what it takes of the machine, and whether those who watch can be relied on.',
    rows: [
      { title: 'Processes', panels: processes() },
      { title: 'Prometheus', panels: prometheus() },
      { title: 'Alertmanager', panels: alertmanager() },
      { title: 'Traces, logs and profiles', panels: backends() },
    ],
  });
}

function processes(): Panel[] {
  return [
    timeline({
      title: 'Targets',
      purpose: 'What answers Prometheus; and whether Redis answers the API, which has no count of the queues when it does not.',
      width: 8,
      height: 10,
      queries: [query('min by (job) (up)', job), query('(count(experience_queue_depth) > bool 0) or vector(0)', 'redis')],
      states: [
        { value: 1, text: 'up', color: colors.level.good },
        { value: 0, text: 'down', color: colors.level.bad },
      ],
    }),
    byTarget('sum by (job) (process_resident_memory_bytes)', {
      title: 'Memory',
      purpose: 'What each process takes; all of the stack together is meant for 2 GB.',
      unit: 'bytes',
      height: 10,
      stacked: true,
    }),
    byTarget(rates('process_cpu_seconds_total', 'job'), {
      title: 'CPU',
      purpose: 'Cores that each process uses.',
      unit: 'short',
      decimals: 2,
      height: 10,
      stacked: true,
    }),
    byTarget('max by (job) (time() - process_start_time_seconds)', {
      title: 'Age',
      purpose: 'How long each process has run: a line that falls is a restart.',
      unit: 's',
    }),
    byTarget('max by (job) (go_goroutines)', {
      title: 'Goroutines',
      purpose: 'Goroutines of each process: what only grows is a leak.',
      unit: 'short',
    }),
    byTarget('max by (job) (process_open_fds / process_max_fds)', {
      title: 'Open files',
      purpose: 'Files and connections of each process, as a share of what it may have.',
      unit: 'percentunit',
      decimals: 1,
    }),
  ];
}

function prometheus(): Panel[] {
  const own = 'job="prometheus"';
  return [
    stat({
      title: 'Series',
      purpose: 'Series that Prometheus holds; the bound is 15,000.',
      unit: 'short',
      width: 6,
      steps: limit(15_000),
      queries: [query(`sum(prometheus_tsdb_head_series{${own}})`, 'series')],
    }),
    stat({
      title: 'Memory',
      purpose: 'What Prometheus takes; the bound is 300 MB.',
      unit: 'bytes',
      width: 6,
      steps: limit(300e6),
      queries: [query(`sum(process_resident_memory_bytes{${own}})`, 'resident')],
    }),
    stat({
      title: 'Samples per second',
      purpose: 'Samples that Prometheus stores.',
      unit: 'short',
      width: 6,
      plain: colors.color.blue,
      queries: [query(rates(`prometheus_tsdb_head_samples_appended_total{${own}}`), 'samples')],
    }),
    stat({
      title: 'Rule failures per second',
      purpose: 'Evaluations of rules that fail: what they record and alert on is missing.',
      unit: 'short',
      width: 6,
      steps: limit(1e-9),
      queries: [query(rates(`prometheus_rule_evaluation_failures_total{${own}}`), 'failures')],
    }),
    byTarget('sum by (job) (scrape_samples_post_metric_relabeling)', {
      title: 'Samples by target',
      purpose: 'Samples in the latest scrape of each target: where the series come from.',
      unit: 'short',
      stacked: true,
    }),
    byTarget('max by (job) (scrape_duration_seconds)', {
      title: 'Scrapes',
      purpose: 'How long the scrape of each target takes; it is given up after 2 s, when the next is due.',
      unit: 's',
    }),
    graph({
      title: 'Rules',
      purpose: 'How long all groups of rules take that are due at the same time, against the time between two.',
      unit: 's',
      width: 8,
      palette: { 'all groups': colors.color.blue, slowest: colors.color.orange },
      queries: [
        query(`sum(prometheus_rule_group_last_duration_seconds{${own}})`, 'all groups'),
        query(`max(prometheus_rule_group_last_duration_seconds{${own}})`, 'slowest'),
      ],
    }),
    graph({
      title: 'Queries',
      purpose: 'How long Prometheus takes to answer those who read from it, by the 90th in a hundred.',
      unit: 's',
      width: 8,
      queries: [
        query(`max by (slice) (prometheus_engine_query_duration_seconds{${own}, quantile="0.9"} >= 0)`, '{{slice}}'),
      ],
    }),
    graph({
      title: 'HTTP',
      purpose: 'p95 of the requests to Prometheus by what they ask for: queries, and what others write to it.',
      unit: 's',
      width: 8,
      queries: [
        query(
          classicQuantile(0.95, 'prometheus_http_request_duration_seconds', `${own}, handler=~"/api/v1/.+"`, 'handler'),
          '{{handler}}',
        ),
      ],
    }),
    graph({
      title: 'Memory and disk',
      purpose: 'What Prometheus holds in memory, and what its blocks and log take on disk.',
      unit: 'bytes',
      width: 8,
      palette: { resident: colors.color.blue, blocks: colors.color.green, log: colors.color.orange },
      limits: limit(300e6),
      queries: [
        query(`sum(process_resident_memory_bytes{${own}})`, 'resident'),
        query(`sum(prometheus_tsdb_storage_blocks_bytes{${own}})`, 'blocks'),
        query(`sum(prometheus_tsdb_wal_storage_size_bytes{${own}})`, 'log'),
      ],
    }),
  ];
}

function alertmanager(): Panel[] {
  return [
    graph({
      title: 'Alerts',
      purpose: 'Alerts that Alertmanager knows: active ones, and those silenced or inhibited.',
      unit: 'short',
      width: 8,
      stacked: true,
      palette: { active: colors.level.bad, suppressed: colors.color.grey, unprocessed: colors.level.watch },
      none: 'Alertmanager does not run',
      queries: [query('sum by (state) (alertmanager_alerts)', '{{state}}')],
    }),
    graph({
      title: 'Handed over',
      purpose: 'Alerts per second that Prometheus sends to Alertmanager, those it could not, and how many wait.',
      unit: 'short',
      width: 8,
      softMax: 1,
      palette: { delivered: colors.level.good, failed: colors.level.bad, queued: colors.level.watch },
      none: 'Prometheus knows no Alertmanager',
      queries: [
        query(rates('prometheus_notifications_sent_total'), 'delivered'),
        query(rates('prometheus_notifications_errors_total'), 'failed'),
        query('sum(prometheus_notifications_queue_length)', 'queued'),
      ],
    }),
    graph({
      title: 'Notifications',
      purpose: 'Notifications per second that Alertmanager sends its receivers, and those that fail.',
      unit: 'short',
      width: 8,
      softMax: 1,
      palette: { delivered: colors.level.good, failed: colors.level.bad },
      none: 'Alertmanager does not run',
      queries: [
        query(rates('alertmanager_notifications_total{integration="webhook"}'), 'delivered'),
        query(rates('alertmanager_notifications_failed_total{integration="webhook"}'), 'failed'),
      ],
    }),
  ];
}

function backends(): Panel[] {
  return [
    takenIn('Tempo', 'spans', 'tempo_distributor_spans_received_total', 'tempo_discarded_spans_total'),
    takenIn('Loki', 'lines', 'loki_distributor_lines_received_total', 'loki_discarded_samples_total'),
    takenIn('Pyroscope', 'profiles', 'pyroscope_distributor_received_compressed_bytes_count', 'pyroscope_discarded_profiles_total'),
  ];
}

/** What a server takes in, and what of it it drops. */
function takenIn(server: string, what: string, received: string, dropped: string): Panel {
  return graph({
    title: `${server}: ${what}`,
    purpose: `The ${what} that ${server} takes in, and those it drops.`,
    unit: `suffix: ${what}/s`,
    width: 8,
    palette: { received: colors.color.blue, dropped: colors.level.bad },
    none: `${server} does not run`,
    queries: [query(rates(received), 'received'), query(rates(dropped), 'dropped')],
  });
}

/** One line for each target of Prometheus. */
function byTarget(expression: string, options: Omit<Graph, 'width' | 'legend' | 'palette' | 'queries'>): Panel {
  return graph({ ...options, width: 8, legend: 'right', palette: colors.components, queries: [query(expression, job)] });
}
