import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';

import { board } from '../lib/board.js';
import * as colors from '../lib/colors.js';
import * as sli from '../lib/indicators.gen.js';
import { graph, limit, stat, type Panel } from '../lib/panels.js';
import { classicQuantile, quantiles, query, rates } from '../lib/prometheus.js';

const outcome = (name: string): string => rates(`experience_read_model_outcomes_total{outcome="${name}"}`);
const page = (name: string): string => rates(`experience_catalog_cache_outcomes_total{outcome="${name}"}`);
const age = (q: number): string => classicQuantile(q, 'experience_catalog_cache_age_seconds', 'job="experience-api"');

export function readModel(): Dashboard {
  return board({
    uid: 'deals-read-model',
    title: 'Hybrid read model',
    purpose: 'Deals in lists served from cards, and upstream calls saved by this.',
    rows: [
      { title: 'Now', panels: now() },
      { title: 'Deals and pages', panels: served() },
      { title: 'Savings', panels: saved() },
    ],
  });
}

function now(): Panel[] {
  const width = 4;
  const low = [
    { from: 0.5, color: colors.level.watch },
    { from: 0.9, color: colors.level.good },
  ];
  const ratio = (title: string, purpose: string, expr: string): Panel =>
    stat({
      title,
      purpose,
      unit: 'percentunit',
      decimals: 1,
      width,
      plain: colors.level.bad,
      steps: low,
      none: 'no lists',
      queries: [query(expr, title)],
    });
  return [
    ratio('Fresh', 'Share of deals in lists with a card younger than 120 s.', sli.freshRatio),
    ratio('Coverage', 'Share of deals in lists with a card, fresh or stale.', sli.coverageRatio),
    ratio('Catalog cache', 'Share of lists whose page of the catalog was cached in the process.', sli.pageHitRatio),
    stat({
      title: 'Live fallback',
      purpose: 'Deals composed live per list. READ_MODEL_LIVE_FALLBACK_MAX limits it to 2.',
      unit: 'short',
      decimals: 2,
      width,
      none: 'no lists',
      steps: [{ from: 0.5, color: colors.level.watch }],
      queries: [query(sli.fallbackPerList, 'per list')],
    }),
    stat({
      title: 'Fan-out',
      purpose: 'Upstream calls per list, without retries.',
      unit: 'short',
      decimals: 2,
      width,
      none: 'no lists',
      plain: colors.color.blue,
      queries: [query(sli.fanOutMeasured, 'per list')],
    }),
    stat({
      title: 'Calls saved',
      purpose: 'Share of calls saved compared with composing every deal.',
      unit: 'percentunit',
      decimals: 1,
      width,
      plain: colors.level.bad,
      steps: low,
      none: 'no lists',
      queries: [query(sli.fanOutReduction, 'saved')],
    }),
  ];
}

function served(): Panel[] {
  return [
    graph({
      title: 'Cards by outcome',
      purpose: 'Fresh (hit), stale and missing cards of deals in lists.',
      unit: 'suffix: deals/s',
      width: 12,
      stacked: true,
      palette: colors.readModel,
      queries: [
        query(outcome('miss'), 'miss'),
        query(outcome('stale'), 'stale'),
        query(outcome('hit'), 'hit'),
      ],
    }),
    graph({
      title: 'Live fallbacks and refreshes',
      purpose: 'Deals composed live within the request, and enqueued refreshes: at most one per deal and cooldown.',
      unit: 'suffix: deals/s',
      width: 12,
      softMax: 1,
      palette: colors.readModel,
      queries: [
        query(outcome('live_fallback'), 'live fallback'),
        query(outcome('refresh_enqueued'), 'refresh enqueued'),
      ],
    }),
    graph({
      title: 'Freshness and coverage',
      purpose: 'Share of deals in lists with a fresh card, and with any card.',
      unit: 'percentunit',
      width: 6,
      max: 1,
      palette: { fresh: colors.level.good, covered: colors.color.blue },
      queries: [query(sli.freshRatio, 'fresh'), query(sli.coverageRatio, 'covered')],
    }),
    graph({
      title: 'Catalog cache',
      purpose: 'Lists by whether their page of the catalog was cached in the process. A page expires after 3 s.',
      unit: 'reqps',
      width: 6,
      stacked: true,
      palette: colors.readModel,
      queries: [query(page('miss'), 'miss'), query(page('hit'), 'hit')],
    }),
    graph({
      title: 'Age of catalog pages',
      purpose: 'Age of the pages of the catalog that lists were served from.',
      unit: 's',
      width: 6,
      palette: colors.quantiles,
      queries: [query(age(0.5), 'p50'), query(age(0.99), 'p99')],
    }),
    graph({
      title: 'Cards written',
      purpose: 'Completed enrichment jobs, each of which writes a card, and enqueued refreshes.',
      unit: 'suffix: jobs/s',
      width: 6,
      palette: { written: colors.level.good, 'refresh enqueued': colors.color.teal },
      queries: [
        query(rates('worker_jobs_total{queue="enrichment-jobs", outcome="completed"}'), 'written'),
        query(outcome('refresh_enqueued'), 'refresh enqueued'),
      ],
    }),
  ];
}

function saved(): Panel[] {
  return [
    graph({
      title: 'Fan-out per list',
      purpose: 'Upstream calls per list: measured, and when every deal is composed (1 + 4 per deal).',
      unit: 'short',
      decimals: 1,
      width: 8,
      palette: { classic: colors.color.grey, measured: colors.color.blue },
      dashed: ['classic'],
      queries: [query(sli.fanOutClassic, 'classic'), query(sli.fanOutMeasured, 'measured')],
    }),
    graph({
      title: 'Live fallback',
      purpose: 'Deals composed live per list. The limit is 2.',
      unit: 'short',
      decimals: 2,
      width: 8,
      softMax: 2,
      palette: { 'per list': colors.color.purple },
      limits: limit(2),
      queries: [query(sli.fallbackPerList, 'per list')],
    }),
    graph({
      title: 'Latency of lists',
      purpose: 'GET /api/deals. With all cards in the read model it makes one round trip to Redis.',
      unit: 's',
      width: 8,
      palette: colors.quantiles,
      limits: limit(sli.targets.p95),
      queries: quantiles(`experience_http_request_duration_seconds{route="/api/deals"}`, { exemplars: true }),
    }),
  ];
}
