import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';

import { board } from '../lib/board.js';
import * as colors from '../lib/colors.js';
import { count, graph, heatmap, limit, stat, timeline, type Panel } from '../lib/panels.js';
import { quantile, query, rates, share, type Query } from '../lib/prometheus.js';
import * as sli from '../lib/indicators.gen.js';
import { queueDepth, queueLag } from './shared.js';

const endToEnd = 'worker_job_end_to_end_seconds';

export function queues(): Dashboard {
  return board({
    uid: 'deals-queues',
    title: 'Queues and workers',
    purpose: 'Depth, lag, throughput, retries, refused batches and dead jobs of the queues.',
    rows: [
      { title: 'Are users hurt?', panels: [...now(), ...waits()] },
      { title: 'Where: depth and throughput of each queue', panels: flow() },
      { title: 'Why: attempts and steps', panels: [...attempts(), ...durations()] },
    ],
  });
}

function now(): Panel[] {
  const width = 6;
  const depth = (queue: string): string => `max(experience_queue_depth{queue="${queue}"})`;
  return [
    stat({
      title: 'Enrichment jobs',
      purpose: 'Unfinished jobs in enrichment-jobs.',
      unit: count,
      decimals: 0,
      width,
      plain: colors.queues['enrichment-jobs'],
      steps: limit(sli.targets.queueDepth),
      queries: [query(depth('enrichment-jobs'), 'jobs')],
    }),
    stat({
      title: 'Critical jobs',
      purpose: 'Unfinished purchases in critical-jobs.',
      unit: count,
      decimals: 0,
      width,
      plain: colors.queues['critical-jobs'],
      steps: limit(sli.targets.queueDepth),
      queries: [query(depth('critical-jobs'), 'jobs')],
    }),
    stat({
      title: 'Oldest pending job',
      purpose: 'Time since the oldest pending job was enqueued.',
      unit: 's',
      decimals: 1,
      width,
      steps: [
        { from: 10, color: colors.level.watch },
        { from: 20, color: colors.level.bad },
      ],
      queries: [query(`max(${sli.oldestByQueue})`, 'age')],
    }),
    stat({
      title: 'Dead jobs',
      purpose: 'Jobs in the DLQs, which failed their last attempt; deals dlq replays them.',
      unit: count,
      decimals: 0,
      width,
      steps: limit(1),
      queries: [query(`sum(${sli.deadByQueue})`, 'jobs')],
    }),
  ];
}

function flow(): Panel[] {
  return [
    queueDepth(8),
    graph({
      title: 'Enqueued and completed',
      purpose: 'The queues grow while more jobs are enqueued than completed.',
      unit: 'suffix: jobs/s',
      width: 8,
      palette: { enqueued: colors.color.blue, completed: colors.level.good },
      queries: [
        query(rates('experience_queue_jobs_enqueued_total'), 'enqueued'),
        query(rates('worker_jobs_total{outcome="completed"}'), 'completed'),
      ],
    }),
    queueLag(8),
    graph({
      title: 'Refused batches',
      purpose: 'Bulk requests answered with 429 because the queue depth had reached its threshold.',
      unit: 'reqps',
      width: 8,
      softMax: 1,
      palette: colors.queues,
      queries: [query(rates('experience_queue_rejections_total', 'queue'), '{{queue}}')],
    }),
    graph({
      title: 'Dead jobs',
      purpose: 'Jobs in each DLQ. A failed last attempt adds one; replay and purge remove them.',
      unit: count,
      width: 8,
      softMax: 5,
      palette: colors.queues,
      queries: [query(sli.deadByQueue, '{{queue}}')],
    }),
    timeline({
      title: 'Queue state',
      purpose: 'Workers take no jobs from a paused queue. It is paused while its DLQ is nearly full, or by hand.',
      width: 8,
      queries: [query(sli.pausedByQueue, '{{queue}}')],
      states: [
        { value: 0, text: 'running', color: colors.level.good },
        { value: 1, text: 'paused', color: colors.level.bad },
      ],
    }),
  ];
}

function waits(): Panel[] {
  return [
    graph({
      title: 'p95 from enqueue to completion',
      purpose: 'Time from enqueue to completion, including waits and retries. Objective: 99 % within 20 s.',
      unit: 's',
      width: 8,
      palette: colors.queues,
      limits: limit(sli.thresholds['queue lagSec'].bad),
      none: 'No job was completed in this time range',
      queries: [query(quantile(0.95, endToEnd, 'queue'), '{{queue}}', { exemplars: true })],
    }),
    graph({
      title: 'Oldest pending job',
      purpose: 'Time since the oldest pending job of each queue was enqueued.',
      unit: 's',
      width: 8,
      palette: colors.queues,
      limits: limit(sli.thresholds['queue lagSec'].bad),
      queries: [query(sli.oldestByQueue, '{{queue}}')],
    }),
    heatmap({
      title: 'Time from enqueue to completion',
      purpose: 'Distribution over both queues. A burst of jobs shows as a rising line.',
      unit: 's',
      width: 8,
      histogram: rates(endToEnd),
    }),
  ];
}

function durations(): Panel[] {
  return [
    graph({
      title: 'p95 of an attempt',
      purpose: 'Duration of one attempt, successful or not. A dot is an exemplar and links to its trace.',
      unit: 's',
      width: 12,
      palette: colors.queues,
      queries: [query(quantile(0.95, 'worker_job_duration_seconds', 'queue'), '{{queue}}', { exemplars: true })],
    }),
    graph({
      title: 'p95 of a step',
      purpose: 'Duration of each step: prepare, compose and store a card; fraud check, event and receipt of a purchase.',
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
      purpose: 'Attempts at enrichment jobs by outcome: completed, retried or dead.',
      unit: 'suffix: jobs/s',
      width: 6,
      stacked: true,
      palette: colors.jobOutcomes,
      queries: ended('enrichment-jobs'),
    }),
    graph({
      title: 'Critical attempts',
      purpose: 'Attempts at purchases by outcome: completed, retried or dead.',
      unit: 'suffix: jobs/s',
      width: 6,
      stacked: true,
      palette: colors.jobOutcomes,
      queries: ended('critical-jobs'),
    }),
    graph({
      title: 'Step failures',
      purpose: 'Share of runs of each step that failed. A retry resumes at the failed step.',
      unit: 'percentunit',
      width: 6,
      softMax: 0.1,
      palette: colors.steps,
      none: 'No step failed in this time range',
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
      purpose: 'Jobs in progress. While jobs are pending, it equals the concurrency of the workers.',
      unit: count,
      width: 6,
      palette: colors.queues,
      queries: [query(sli.inFlightByQueue, '{{queue}}')],
    }),
  ];
}
