import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';

import { board } from '../lib/board.js';
import * as colors from '../lib/colors.js';
import * as sli from '../lib/indicators.gen.js';
import { listLatency } from './shared.js';
import { graph, limit, stat, type Panel } from '../lib/panels.js';
import { query, rates } from '../lib/prometheus.js';

const outcome = (name: string): string => rates(`experience_read_model_outcomes_total{outcome="${name}"}`);
const page = (name: string): string => rates(`experience_catalog_cache_outcomes_total{outcome="${name}"}`);
/** Lists per second whose page was at most this old. */
const aged = (seconds: string): string => rates(`experience_catalog_cache_age_seconds_bucket{job="experience-api", le="${seconds}"}`);

export function readModel(): Dashboard {
  return board({
    uid: 'deals-read-model',
    title: 'Hybrid read model',
    purpose: 'Deals in lists served from cards, and upstream calls saved by this.',
    rows: [
      { title: 'Are users hurt?', panels: [...now(), ...lists()] },
      { title: 'Where: cards and pages', panels: served() },
      { title: 'Why: what writes cards, and what lists cost', panels: saved() },
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
      unit: 'none',
      decimals: 2,
      width,
      none: 'no lists',
      steps: [{ from: 0.5, color: colors.level.watch }],
      queries: [query(sli.fallbackPerList, 'per list')],
    }),
    stat({
      title: 'Fan-out',
      purpose: 'Upstream calls per list, without retries.',
      unit: 'none',
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

function lists(): Panel[] {
  return [
    listLatency(12, 'GET /api/deals. With all cards in the read model it makes one round trip to Redis.'),
    graph({
      title: 'Freshness and coverage',
      purpose: 'Share of deals in lists with a fresh card, and with any card.',
      unit: 'percentunit',
      width: 12,
      max: 1,
      palette: { fresh: colors.level.good, covered: colors.color.blue },
      queries: [query(sli.freshRatio, 'fresh'), query(sli.coverageRatio, 'covered')],
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
      title: 'Catalog cache',
      purpose: 'Lists by whether their page of the catalog was cached in the process. A page expires after 3 s.',
      unit: 'reqps',
      width: 12,
      stacked: true,
      palette: colors.readModel,
      queries: [query(page('miss'), 'miss'), query(page('hit'), 'hit')],
    }),
    graph({
      title: 'Age of catalog pages',
      purpose: 'Lists by the age of the page of the catalog that they were served from. A page is fetched anew after 3 s and not served after 12 s.',
      unit: 'reqps',
      width: 12,
      stacked: true,
      palette: { 'over 6 s': colors.level.bad, '3 to 6 s': colors.level.watch, '1 to 3 s': colors.color.lightGreen, 'under 1 s': colors.level.good },
      queries: [
        query(`${aged('+Inf')} - ${aged('6.0')}`, 'over 6 s'),
        query(`${aged('6.0')} - ${aged('3.0')}`, '3 to 6 s'),
        query(`${aged('3.0')} - ${aged('1.0')}`, '1 to 3 s'),
        query(aged('1.0'), 'under 1 s'),
      ],
    }),
  ];
}

function saved(): Panel[] {
  return [
    graph({
      title: 'Cards written',
      purpose: 'Completed enrichment jobs, each of which writes a card, and enqueued refreshes.',
      unit: 'suffix: jobs/s',
      width: 8,
      palette: { written: colors.level.good, 'refresh enqueued': colors.color.teal },
      queries: [
        query(rates('worker_jobs_total{queue="enrichment-jobs", outcome="completed"}'), 'written'),
        query(outcome('refresh_enqueued'), 'refresh enqueued'),
      ],
    }),
    graph({
      title: 'Fan-out per list',
      purpose: 'Upstream calls per list: measured, and when every deal is composed (1 + 4 per deal).',
      unit: 'none',
      decimals: 1,
      width: 8,
      palette: { classic: colors.color.grey, measured: colors.color.blue },
      dashed: ['classic'],
      queries: [query(sli.fanOutClassic, 'classic'), query(sli.fanOutMeasured, 'measured')],
    }),
    graph({
      title: 'Live fallback',
      purpose: 'Deals composed live per list. The limit is 2.',
      unit: 'none',
      decimals: 2,
      width: 8,
      softMax: 2,
      palette: { 'per list': colors.color.purple },
      limits: limit(2),
      queries: [query(sli.fallbackPerList, 'per list')],
    }),
  ];
}
