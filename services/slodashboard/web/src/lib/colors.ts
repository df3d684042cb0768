// The colours of components, quantiles and outcomes, as names of variables in styles/tokens.css. Grafana uses the same hues
// (grafana/src/lib/colors.ts).

export const quantiles = { p50: 'light-blue', p95: 'blue', p99: 'purple' } as const;

export const queues: Readonly<Record<string, string>> = { 'enrichment-jobs': 'teal', 'critical-jobs': 'pink' };

export const hashes = { bad: 'red', good: 'green' } as const;

export const readModel = { hit: 'green', stale: 'yellow', miss: 'red', liveFallback: 'purple', refresh: 'teal' } as const;

export const slos: Readonly<Record<string, string>> = {
  availability: 'green',
  latency: 'blue',
  'queue-depth': 'orange',
  'job-freshness': 'teal',
  'purchase-completion': 'pink',
};

export const components: Readonly<Record<string, string>> = {
  // parts: go generate ./internal/platform writes it
  'experience-api': 'green',
  'deal-service': 'blue',
  'price-service': 'yellow',
  'inventory-service': 'orange',
  'rating-service-a': 'light-purple',
  'rating-service-b': 'dark-purple',
  'merchant-service': 'brown',
  'rating-lb': 'purple',
  'enrichment-worker': 'teal',
  'critical-worker': 'pink',
  'slo-dashboard': 'light-green',
  'queue-ui': 'grey',
  // end of parts
};
