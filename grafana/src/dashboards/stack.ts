import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';

import { board } from '../lib/board.js';
import * as colors from '../lib/colors.js';
import { count, graph, limit, stat, timeline, type Graph, type Panel } from '../lib/panels.js';
import { classicQuantile, query, rates } from '../lib/prometheus.js';
import { verdicts } from './shared.js';

const job = '{{job}}';

export function stack(): Dashboard {
  return board({
    uid: 'deals-stack',
    title: 'Stack health',
    purpose: 'Processes, their resources, and the health of the observability servers.',
    rows: [
      { title: 'Are users hurt?', panels: [...verdicts(4), ...availability()] },
      { title: 'Where: processes', panels: processes() },
      { title: 'Why: resources', panels: resources() },
      { title: 'Prometheus', panels: prometheus() },
      { title: 'Alertmanager', panels: alertmanager() },
      { title: 'Traces, logs and profiles', panels: backends() },
    ],
  });
}

function availability(): Panel[] {
  const width = 4;
  return [
    stat({
      title: 'Processes down',
      purpose: 'Processes that Prometheus cannot scrape.',
      unit: count,
      width,
      steps: limit(1),
      queries: [query('count(up == 0) or vector(0)', 'down')],
    }),
    stat({
      title: 'Without Redis',
      purpose: 'Components that Redis does not answer.',
      unit: count,
      width,
      steps: limit(1),
      none: 'unknown',
      queries: [query('sum(1 - redis_up)', 'components')],
    }),
    stat({
      title: 'Alerts not delivered',
      purpose: 'Alerts that Prometheus could not send to Alertmanager, per second.',
      unit: 'suffix: /s',
      width,
      steps: limit(1e-9),
      none: 'no Alertmanager',
      queries: [query(rates('prometheus_notifications_errors_total'), 'failed')],
    }),
  ];
}

function processes(): Panel[] {
  const width = 12;
  const states = [
    { value: 1, text: 'up', color: colors.level.good },
    { value: 0, text: 'down', color: colors.level.bad },
  ];
  return [
    timeline({
      title: 'Targets',
      purpose: 'Processes that Prometheus can scrape.',
      width,
      height: 10,
      queries: [query('min by (job) (up)', job)],
      states,
    }),
    timeline({
      title: 'Redis, asked by',
      purpose: 'Components that Redis answers. Each sends a PING when Prometheus scrapes it.',
      width,
      height: 10,
      queries: [query('min by (job) (redis_up)', job)],
      states,
    }),
  ];
}

function resources(): Panel[] {
  return [
    byTarget('sum by (job) (process_resident_memory_bytes)', {
      title: 'Memory',
      purpose: 'Resident memory of each process. The whole stack is designed for 2 GB.',
      unit: 'bytes',
      width: 12,
      stacked: true,
    }),
    byTarget(rates('process_cpu_seconds_total', 'job'), {
      title: 'CPU',
      purpose: 'Cores used by each process.',
      unit: 'none',
      decimals: 2,
      width: 12,
      stacked: true,
    }),
    byTarget('max by (job) (time() - process_start_time_seconds)', {
      title: 'Uptime',
      purpose: 'Time since the start of each process. A drop is a restart.',
      unit: 's',
    }),
    byTarget('max by (job) (go_goroutines)', {
      title: 'Goroutines',
      purpose: 'Goroutines of each process. Steady growth indicates a leak.',
      unit: count,
    }),
    byTarget('max by (job) (process_open_fds / process_max_fds)', {
      title: 'Open files',
      purpose: 'Open files and connections of each process, as a share of its limit.',
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
      purpose: 'Series in memory. The limit is 15,000.',
      unit: count,
      width: 6,
      steps: limit(15_000),
      queries: [query(`sum(prometheus_tsdb_head_series{${own}})`, 'series')],
    }),
    stat({
      title: 'Memory',
      purpose: 'Resident memory of Prometheus. The limit is 300 MB.',
      unit: 'bytes',
      width: 6,
      steps: limit(300e6),
      queries: [query(`sum(process_resident_memory_bytes{${own}})`, 'resident')],
    }),
    stat({
      title: 'Samples',
      purpose: 'Samples appended per second.',
      unit: 'suffix: /s',
      width: 6,
      plain: colors.color.blue,
      queries: [query(rates(`prometheus_tsdb_head_samples_appended_total{${own}}`), 'samples')],
    }),
    stat({
      title: 'Rule failures',
      purpose: 'Failed rule evaluations per second. Their recordings and alerts are missing.',
      unit: 'suffix: /s',
      width: 6,
      steps: limit(1e-9),
      queries: [query(rates(`prometheus_rule_evaluation_failures_total{${own}}`), 'failures')],
    }),
    byTarget('sum by (job) (scrape_samples_post_metric_relabeling)', {
      title: 'Samples by target',
      purpose: 'Samples in the latest scrape of each target.',
      unit: count,
      stacked: true,
    }),
    byTarget('max by (job) (scrape_duration_seconds)', {
      title: 'Scrape duration',
      purpose: 'Duration of the latest scrape of each target. Timeout and interval are 2 s.',
      unit: 's',
    }),
    graph({
      title: 'Rule evaluation',
      purpose: 'Duration of the latest evaluation: sum of all groups, and the slowest group.',
      unit: 's',
      width: 8,
      palette: { 'all groups': colors.color.blue, slowest: colors.color.orange },
      queries: [
        query(`sum(prometheus_rule_group_last_duration_seconds{${own}})`, 'all groups'),
        query(`max(prometheus_rule_group_last_duration_seconds{${own}})`, 'slowest'),
      ],
    }),
    graph({
      title: 'Query duration',
      purpose: '90th percentile of the query time in Prometheus, by phase.',
      unit: 's',
      width: 8,
      queries: [
        query(`max by (slice) (prometheus_engine_query_duration_seconds{${own}, quantile="0.9"} >= 0)`, '{{slice}}'),
      ],
    }),
    graph({
      title: 'HTTP API',
      purpose: '95th percentile of requests to the HTTP API of Prometheus, by path.',
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
      purpose: 'Resident memory, and size of blocks and write-ahead log on disk.',
      unit: 'bytes',
      width: 8,
      palette: { resident: colors.color.blue, blocks: colors.color.green, WAL: colors.color.orange },
      limits: limit(300e6),
      queries: [
        query(`sum(process_resident_memory_bytes{${own}})`, 'resident'),
        query(`sum(prometheus_tsdb_storage_blocks_bytes{${own}})`, 'blocks'),
        query(`sum(prometheus_tsdb_wal_storage_size_bytes{${own}})`, 'WAL'),
      ],
    }),
  ];
}

function alertmanager(): Panel[] {
  return [
    graph({
      title: 'Alerts',
      purpose: 'Alerts in Alertmanager: active, and silenced or inhibited (suppressed).',
      unit: count,
      width: 8,
      stacked: true,
      palette: { active: colors.level.bad, suppressed: colors.color.grey, unprocessed: colors.level.watch },
      none: 'Alertmanager is not running',
      queries: [query('sum by (state) (alertmanager_alerts)', '{{state}}')],
    }),
    graph({
      title: 'Alerts sent by Prometheus',
      purpose: 'Alerts delivered to Alertmanager per second, failed deliveries per second, and alerts that wait.',
      unit: 'none',
      width: 8,
      softMax: 1,
      palette: { delivered: colors.level.good, failed: colors.level.bad, queued: colors.level.watch },
      none: 'No Alertmanager is configured',
      queries: [
        query(rates('prometheus_notifications_sent_total'), 'delivered'),
        query(rates('prometheus_notifications_errors_total'), 'failed'),
        query('sum(prometheus_notifications_queue_length)', 'queued'),
      ],
    }),
    graph({
      title: 'Notifications',
      purpose: 'Notifications sent to receivers per second, and failed ones.',
      unit: 'suffix: /s',
      width: 8,
      softMax: 1,
      palette: { delivered: colors.level.good, failed: colors.level.bad },
      none: 'Alertmanager is not running',
      queries: [
        query(rates('alertmanager_notifications_total{integration="webhook"}'), 'delivered'),
        query(rates('alertmanager_notifications_failed_total{integration="webhook"}'), 'failed'),
      ],
    }),
  ];
}

function backends(): Panel[] {
  return [
    ingestion('Tempo', 'spans', 'tempo_distributor_spans_received_total', 'tempo_discarded_spans_total'),
    ingestion('Loki', 'lines', 'loki_distributor_lines_received_total', 'loki_discarded_samples_total'),
    ingestion('Pyroscope', 'profiles', 'pyroscope_distributor_received_compressed_bytes_count', 'pyroscope_discarded_profiles_total'),
  ];
}

/** What a server receives and drops. */
function ingestion(server: string, what: string, received: string, dropped: string): Panel {
  return graph({
    title: `${server}: ${what}`,
    purpose: `${what[0]?.toUpperCase()}${what.slice(1)} received and dropped per second.`,
    unit: `suffix: ${what}/s`,
    width: 8,
    palette: { received: colors.color.blue, dropped: colors.level.bad },
    none: `${server} is not running`,
    queries: [query(rates(received), 'received'), query(rates(dropped), 'dropped')],
  });
}

/** One series per target of Prometheus. */
function byTarget(expression: string, options: Partial<Graph> & Pick<Graph, 'title' | 'purpose' | 'unit'>): Panel {
  return graph({ width: 8, ...options, legend: 'right', palette: colors.components, queries: [query(expression, job)] });
}
