// Panels of what is behind the API: the rating balancer and the domain services.

import * as colors from '../lib/colors.js';
import { graph, limit, timeline, type Panel } from '../lib/panels.js';
import { quantile, query, rates, share } from '../lib/prometheus.js';

/** The replicas behind the rating balancer. */
export function balancerPanels(): Panel[] {
  const { 'rating-service-a': a, 'rating-service-b': b } = colors.components;
  const palette = { 'rating-service-a': a, 'rating-service-b': b };
  // The load balancer knows URLs. Prometheus knows which replica each is, unless it reaches them by other addresses, as on
  // Kubernetes. There the URL has the name.
  const scraped = `label_join(group by (instance, job) (up), "target", "http://", "none", "instance")`;
  const written = Object.keys(palette).reduce(
    (series, name) => `label_replace(${series}, "job", "${name}", "target", "http://${name}:.*")`,
    'group by (target) (rating_lb_target_healthy)',
  );
  const named = (byTarget: string): string => `${byTarget} * on (target) group_left (job) (${scraped} or on (target) ${written})`;
  return [
    graph({
      title: 'Attempts by replica',
      purpose: 'Round robin distributes attempts evenly over healthy replicas.',
      unit: 'reqps',
      width: 6,
      stacked: true,
      palette,
      queries: [query(named(rates('rating_lb_target_requests_total', 'target')), '{{job}}')],
    }),
    graph({
      title: 'p95 by replica',
      purpose: 'Duration of an attempt at each replica. A dot is an exemplar and links to its trace.',
      unit: 's',
      width: 6,
      palette,
      queries: [
        query(named(quantile(0.95, 'rating_lb_target_request_duration_seconds', 'target')), '{{job}}', { exemplars: true }),
      ],
    }),
    graph({
      title: 'Ejections and fallbacks',
      purpose: 'Replicas ejected after consecutive failures, and lookups retried at the other replica.',
      unit: 'ops',
      width: 6,
      softMax: 1,
      palette: { fallbacks: colors.level.watch, ejections: colors.level.bad },
      queries: [
        query(rates('rating_lb_fallbacks_total'), 'fallbacks'),
        query(rates('rating_lb_target_ejections_total'), 'ejections'),
      ],
    }),
    timeline({
      title: 'Replicas in rotation',
      purpose: 'A replica is out while its health check fails or while it is ejected.',
      width: 6,
      queries: [query(named('min by (target) (rating_lb_target_healthy)'), '{{job}}')],
      states: [
        { value: 1, text: 'in rotation', color: colors.level.good },
        { value: 0, text: 'out', color: colors.level.bad },
      ],
    }),
  ];
}

/** All domain services, as they see themselves. */
export function servicePanels(): Panel[] {
  const answered = 'domain_http_request_duration_seconds';
  return [
    graph({
      title: 'p95 by service',
      purpose: 'Latency measured by each service, including its synthetic latency.',
      unit: 's',
      width: 6,
      palette: colors.components,
      queries: [query(quantile(0.95, answered, 'service'), '{{service}}', { exemplars: true })],
    }),
    graph({
      title: '5xx responses',
      purpose: 'Share of requests that each service answered with a 5xx.',
      unit: 'percentunit',
      width: 6,
      softMax: 0.1,
      palette: colors.components,
      queries: [
        query(
          share(
            `(${rates(`${answered}_count{status=~"5.."}`, 'service')} or 0 * ${rates(`${answered}_count`, 'service')})`,
            rates(`${answered}_count`, 'service'),
          ),
          '{{service}}',
        ),
      ],
    }),
    graph({
      title: 'Injected failures',
      purpose: 'Configured failure ratio of each service; PUT /admin/fault changes it.',
      unit: 'percentunit',
      width: 6,
      softMax: 0.1,
      palette: colors.components,
      queries: [
        query('max by (service) (domain_fault_failure_ratio) or max by (service) (domain_fault_blackhole)', '{{service}}'),
      ],
    }),
    graph({
      title: 'Injected latency',
      purpose: 'Configured maximum latency of each service. Callers time out after 800 ms.',
      unit: 's',
      width: 6,
      softMax: 1,
      palette: colors.components,
      limits: limit(0.8),
      queries: [query('max by (service) (domain_fault_latency_max_seconds)', '{{service}}')],
    }),
  ];
}
