import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';

import { board } from '../lib/board.js';
import * as colors from '../lib/colors.js';
import { graph, heatmap, limit, stat, timeline, type Panel } from '../lib/panels.js';
import { quantile, query, rates, share, type Query } from '../lib/prometheus.js';
import * as sli from '../lib/indicators.gen.js';

const endToEnd = 'worker_job_end_to_end_seconds';

export function queues(): Dashboard {
  return board({
    uid: 'deals-queues',
    title: 'Queues and workers',
    purpose: 'How much work waits, how long it waits, what becomes of it, and what was refused or died.',
    rows: [
      { title: 'Now', panels: now() },
      { title: 'In and out', panels: flow() },
      { title: 'Time', panels: time() },
      { title: 'Attempts', panels: attempts() },
    ],
  });
}

function now(): Panel[] {
  const width = 6;
  const depth = (queue: string): string => `max(experience_queue_depth{queue="${queue}"})`;
  return [
    stat({
      title: 'Enrichment jobs',
      purpose: 'Jobs of enrichment-jobs waiting or being worked on.',
      unit: 'short',
      decimals: 0,
      width,
      plain: colors.queues['enrichment-jobs'],
      steps: limit(sli.targets.queueDepth),
      queries: [query(depth('enrichment-jobs'), 'jobs')],
    }),
    stat({
      title: 'Critical jobs',
      purpose: 'Purchases waiting or being worked on.',
      unit: 'short',
      decimals: 0,
      width,
      plain: colors.queues['critical-jobs'],
      steps: limit(sli.targets.queueDepth),
      queries: [query(depth('critical-jobs'), 'jobs')],
    }),
    stat({
      title: 'Oldest waiting job',
      purpose: 'How long the job that has waited longest has waited.',
      unit: 's',
      decimals: 1,
      width,
      steps: [
        { from: 10, color: colors.level.watch },
        { from: 20, color: colors.level.bad },
      ],
      queries: [query('max(experience_queue_oldest_job_age_seconds)', 'age')],
    }),
    stat({
      title: 'Dead jobs',
      purpose: 'Jobs in the DLQ of both queues, whose attempts are used up; deals dlq replays them.',
      unit: 'short',
      decimals: 0,
      width,
      steps: limit(1),
      queries: [query('sum(max by (queue) (experience_queue_dlq_depth))', 'jobs')],
    }),
  ];
}

function flow(): Panel[] {
  return [
    graph({
      title: 'Depth',
      purpose: 'Jobs waiting or being worked on; from 1000 on, the admission of bulk jobs is refused.',
      unit: 'short',
      width: 8,
      stacked: true,
      palette: colors.queues,
      limits: limit(sli.targets.queueDepth),
      queries: [query(sli.depthByQueue, '{{queue}}')],
    }),
    graph({
      title: 'Enqueued against completed',
      purpose: 'While more comes in than is completed, the queue grows.',
      unit: 'suffix: jobs/s',
      width: 8,
      palette: { enqueued: colors.color.blue, completed: colors.level.good },
      queries: [
        query(rates('experience_queue_jobs_enqueued_total'), 'enqueued'),
        query(rates('worker_jobs_total{outcome="completed"}'), 'completed'),
      ],
    }),
    graph({
      title: 'Lag',
      purpose: 'How long each queue would take to drain at its rate of completion; there is a gap when nothing is completed.',
      unit: 's',
      width: 8,
      palette: colors.queues,
      limits: limit(sli.thresholds['queue lagSec'].bad),
      queries: [query(sli.lagByQueue, '{{queue}}')],
    }),
    graph({
      title: 'Refused batches',
      purpose: 'Bulk requests answered with 429 because the queue was at its threshold: backpressure at work.',
      unit: 'reqps',
      width: 8,
      softMax: 1,
      palette: colors.queues,
      queries: [query(rates('experience_queue_rejections_total', 'queue'), '{{queue}}')],
    }),
    graph({
      title: 'Dead jobs',
      purpose: 'Jobs in the DLQ: it grows when attempts are used up, and shrinks by a replay or a purge.',
      unit: 'short',
      width: 8,
      softMax: 5,
      palette: colors.queues,
      queries: [query('max by (queue) (experience_queue_dlq_depth)', '{{queue}}')],
    }),
    timeline({
      title: 'Queues',
      purpose: 'Paused: nothing is taken, because the DLQ is nearly full or a person said so.',
      width: 8,
      queries: [query('max by (queue) (worker_queue_paused)', '{{queue}}')],
      states: [
        { value: 0, text: 'running', color: colors.level.good },
        { value: 1, text: 'paused', color: colors.level.bad },
      ],
    }),
  ];
}

function time(): Panel[] {
  return [
    graph({
      title: 'Enqueued to completed: p95',
      purpose: 'From enqueueing to completion, waits and retries included; the objective is 99 % within 20 s.',
      unit: 's',
      width: 8,
      palette: colors.queues,
      limits: limit(sli.thresholds['queue lagSec'].bad),
      none: 'No job was completed',
      queries: [query(quantile(0.95, endToEnd, 'queue'), '{{queue}}', { exemplars: true })],
    }),
    graph({
      title: 'Oldest waiting job',
      purpose: 'How long the job that has waited longest in each queue has waited.',
      unit: 's',
      width: 8,
      palette: colors.queues,
      limits: limit(sli.thresholds['queue lagSec'].bad),
      queries: [query('max by (queue) (experience_queue_oldest_job_age_seconds)', '{{queue}}')],
    }),
    heatmap({
      title: 'Spread of enqueued to completed',
      purpose: 'How many jobs of both queues took how long: a burst is a rising line.',
      unit: 's',
      width: 8,
      histogram: rates(endToEnd),
    }),
    graph({
      title: 'p95 of an attempt',
      purpose: 'How long one attempt at a job takes, whatever comes of it. A dot opens its trace.',
      unit: 's',
      width: 12,
      palette: colors.queues,
      queries: [query(quantile(0.95, 'worker_job_duration_seconds', 'queue'), '{{queue}}', { exemplars: true })],
    }),
    graph({
      title: 'p95 of a step',
      purpose: 'How long each step of an attempt takes: prepare, compose and store a card; fraud check, event and receipt of a purchase.',
      unit: 's',
      width: 12,
      palette: colors.steps,
      queries: [query(quantile(0.95, 'worker_step_duration_seconds', 'step'), '{{step}}')],
    }),
  ];
}

function attempts(): Panel[] {
  const ended = (queue: string): Query[] =>
    ['dead', 'retried', 'completed'].map((outcome) =>
      query(rates(`worker_jobs_total{queue="${queue}", outcome="${outcome}"}`), outcome),
    );
  return [
    graph({
      title: 'Enrichment attempts',
      purpose: 'Attempts at enrichment jobs by what became of the job: completed, retried, or dead.',
      unit: 'suffix: jobs/s',
      width: 6,
      stacked: true,
      palette: colors.jobOutcomes,
      queries: ended('enrichment-jobs'),
    }),
    graph({
      title: 'Critical attempts',
      purpose: 'Attempts at purchases by what became of the job: completed, retried, or dead.',
      unit: 'suffix: jobs/s',
      width: 6,
      stacked: true,
      palette: colors.jobOutcomes,
      queries: ended('critical-jobs'),
    }),
    graph({
      title: 'Steps that fail',
      purpose: 'Share of the runs of each step that fail; a retry resumes after the last step that did not.',
      unit: 'percentunit',
      width: 6,
      softMax: 0.1,
      palette: colors.steps,
      none: 'No step has failed',
      queries: [
        query(
          share(
            rates('worker_step_duration_seconds_count{outcome="failed"}', 'step'),
            rates('worker_step_duration_seconds_count', 'step'),
          ),
          '{{step}}',
        ),
      ],
    }),
    graph({
      title: 'Jobs in flight',
      purpose: 'Jobs being worked on; it stays at the concurrency of the workers while there is a backlog.',
      unit: 'short',
      width: 6,
      palette: colors.queues,
      queries: [query('sum by (queue) (worker_jobs_in_flight)', '{{queue}}')],
    }),
  ];
}
