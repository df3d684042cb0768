// The rows on the capacity of the domain services, and on the limits of their callers.

import * as colors from '../lib/colors.js';
import * as sli from '../lib/indicators.gen.js';
import { count, graph, type Panel } from '../lib/panels.js';
import { query, rates } from '../lib/prometheus.js';

export function capacityPanels(): Panel[] {
  return [
    graph({
      title: 'Utilization',
      purpose: 'Share of the capacity of each service that is busy.',
      unit: 'percentunit',
      width: 8,
      max: 1,
      palette: colors.components,
      queries: [query(sli.utilizationByService, '{{service}}')],
    }),
    graph({
      title: 'Saturation',
      purpose: 'Requests that wait for a slot of each service.',
      unit: count,
      width: 8,
      softMax: 1,
      palette: colors.components,
      queries: [query(sli.waitingByService, '{{service}}')],
    }),
    graph({
      title: 'p95 wait for a slot',
      purpose: 'How long served requests waited. A dot is an exemplar and links to its trace.',
      unit: 's',
      width: 8,
      palette: colors.components,
      queries: [query(sli.waitP95ByService, '{{service}}', { exemplars: true })],
    }),
    graph({
      title: 'Turned away',
      purpose:
        'Requests that were not served: the queue was full, they gave way to more critical ones, waited too long, or lost their caller.',
      unit: 'reqps',
      width: 8,
      stacked: true,
      softMax: 1,
      palette: colors.refusals,
      queries: [query(sli.turnedAwayByReason, '{{reason}}')],
    }),
    graph({
      title: 'Turned away by criticality',
      purpose: 'Sheddable requests go first, critical ones last.',
      unit: 'reqps',
      width: 8,
      stacked: true,
      softMax: 1,
      palette: colors.criticalities,
      queries: [query(rates('domain_capacity_turned_away_total', 'criticality'), '{{criticality}}')],
    }),
    graph({
      title: 'Wasted',
      purpose: 'Requests that each service served although their caller had gone.',
      unit: 'reqps',
      width: 8,
      softMax: 1,
      palette: colors.components,
      queries: [query(rates('domain_capacity_wasted_total', 'service'), '{{service}}')],
    }),
  ];
}

/** Callers have their own limits. Those of the worker are dashed. */
export function limitPanels(): Panel[] {
  const upstreams = ['deal-service', 'price-service', 'inventory-service', 'rating-lb', 'merchant-service'] as const;
  const named = (caller: string, upstream: string): string => `${caller} → ${upstream}`;
  const callers = ['experience-api', 'enrichment-worker'];
  const palette = Object.fromEntries(
    callers.flatMap((caller) => upstreams.map((upstream) => [named(caller, upstream), colors.components[upstream]])),
  );
  const dashed = upstreams.map((upstream) => named('enrichment-worker', upstream));
  const panel = (title: string, purpose: string, unit: string, expr: string, exemplars = false): Panel =>
    graph({
      title,
      purpose,
      unit,
      width: 12,
      softMax: 1,
      legend: 'right',
      palette,
      dashed,
      queries: [query(expr, named('{{job}}', '{{service}}'), { exemplars })],
    });
  return [
    panel(
      'Limit',
      'Attempts that each caller allows in flight at each upstream; no line is no limit.',
      count,
      `${sli.limitByUpstream} < Inf`,
    ),
    panel('Attempts in flight', 'At the limit, further attempts wait.', count, sli.inFlightByUpstream),
    panel('Attempts that wait', 'Attempts that wait for the limit of their upstream.', count, sli.waitingByUpstream),
    panel(
      'p95 wait for the limit',
      'How long attempts waited for the limit. A dot is an exemplar and links to its trace.',
      's',
      sli.limitWaitP95ByUpstream,
      true,
    ),
  ];
}
