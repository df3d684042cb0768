import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';

import { board } from '../lib/board.js';
import * as colors from '../lib/colors.js';
import { targets } from '../lib/indicators.gen.js';
import { graph, limit, stat, type Panel } from '../lib/panels.js';
import { quantiles, query, rates, share } from '../lib/prometheus.js';

const list = 'route="/api/deals"';
const lists = rates(`experience_http_request_duration_seconds_count{${list}}`);

const outcome = (...names: string[]): string =>
  rates(`experience_read_model_outcomes_total{outcome=~"${names.join('|')}"}`);
const page = (name: string): string => rates(`experience_catalog_cache_outcomes_total{outcome="${name}"}`);

const lookedUp = outcome('hit', 'stale', 'miss');
const hitRatio = share(outcome('hit'), lookedUp);
const coverage = share(outcome('hit', 'stale'), lookedUp);
const pageHitRatio = share(page('hit'), rates('experience_catalog_cache_outcomes_total'));
const fallbacksPerList = share(outcome('live_fallback'), lists);

// Each deal that is composed live calls price, inventory, rating and merchant. Lists that share a call count it once.
const upstreamsOfDeal = 4;
const deals = outcome('hit', 'stale', 'miss', 'bypass');
const compositions = rates('experience_list_compositions_total{outcome="made"}');
const classic = `1 + ${upstreamsOfDeal} * ${share(deals, lists)}`;
const measured = share(`(${page('miss')} + ${upstreamsOfDeal} * ${compositions})`, lists);

export function readModel(): Dashboard {
  return board({
    uid: 'deals-read-model',
    title: 'Hybrid read model',
    purpose: 'How many deals of a list are served from their cards, and how many upstream calls that saves.',
    rows: [
      { title: 'Now', panels: now() },
      { title: 'Deals and pages', panels: served() },
      { title: 'What it saves', panels: saved() },
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
    ratio('Fresh', 'Share of the deals of lists whose card was there and under 120 s old.', hitRatio),
    ratio('Coverage', 'Share of the deals of lists whose card was there, fresh or stale.', coverage),
    ratio('Catalog cache', 'Share of the lists whose page of the base catalog was in the process.', pageHitRatio),
    stat({
      title: 'Live fallback',
      purpose: 'Deals composed live for each list; at most 2, by READ_MODEL_LIVE_FALLBACK_MAX.',
      unit: 'short',
      decimals: 2,
      width,
      none: 'no lists',
      steps: [{ from: 0.5, color: colors.level.watch }],
      queries: [query(fallbacksPerList, 'per list')],
    }),
    stat({
      title: 'Fan-out',
      purpose: 'Upstream calls made for each list, retries left out.',
      unit: 'short',
      decimals: 2,
      width,
      none: 'no lists',
      plain: colors.color.blue,
      queries: [query(measured, 'per list')],
    }),
    stat({
      title: 'Calls saved',
      purpose: 'How many of the calls that composing every deal would take are not made.',
      unit: 'percentunit',
      decimals: 1,
      width,
      plain: colors.level.bad,
      steps: low,
      none: 'no lists',
      queries: [query(`1 - ${measured} / (${classic})`, 'saved')],
    }),
  ];
}

function served(): Panel[] {
  return [
    graph({
      title: 'Deals by how their card was come by',
      purpose: 'Fresh, stale and missing cards of the deals in lists.',
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
      title: 'What is done about it',
      purpose: 'Deals composed live within the request, and refreshes handed to the workers: one for each deal and cooldown.',
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
      title: 'Fresh and covered',
      purpose: 'Shares of the deals of lists whose card was fresh, and there at all.',
      unit: 'percentunit',
      width: 8,
      max: 1,
      palette: { fresh: colors.level.good, covered: colors.color.blue },
      queries: [query(hitRatio, 'fresh'), query(coverage, 'covered')],
    }),
    graph({
      title: 'Catalog cache',
      purpose: 'Lists by whether their page of the base catalog was in the process; a page lives 3 s.',
      unit: 'reqps',
      width: 8,
      stacked: true,
      palette: colors.readModel,
      queries: [query(page('miss'), 'miss'), query(page('hit'), 'hit')],
    }),
    graph({
      title: 'Cards written',
      purpose: 'Enrichment jobs completed, each of which writes a card, against the refreshes that were asked for.',
      unit: 'suffix: jobs/s',
      width: 8,
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
      title: 'Fan-out of a list',
      purpose: 'Upstream calls for each list: composing every deal (1 + 4 for each), against what is made.',
      unit: 'short',
      decimals: 1,
      width: 8,
      palette: { classic: colors.color.grey, measured: colors.color.blue },
      dashed: ['classic'],
      queries: [query(classic, 'classic'), query(measured, 'measured')],
    }),
    graph({
      title: 'Live fallback',
      purpose: 'Deals composed live for each list, within the bound of 2.',
      unit: 'short',
      decimals: 2,
      width: 8,
      softMax: 2,
      palette: { 'per list': colors.color.purple },
      limits: limit(2),
      queries: [query(fallbacksPerList, 'per list')],
    }),
    graph({
      title: 'Latency of lists',
      purpose: 'What clients get out of it: a list whose cards are all there waits for one round trip to Redis.',
      unit: 's',
      width: 8,
      palette: colors.quantiles,
      limits: limit(targets.p95),
      queries: quantiles(`experience_http_request_duration_seconds{${list}}`, { exemplars: true }),
    }),
  ];
}
