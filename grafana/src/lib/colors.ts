// A series has the same colour on every dashboard. A palette maps legends to colours.

export type Palette = Readonly<Record<string, string>>;

export const color = {
  blue: '#5794F2',
  lightBlue: '#8AB8FF',
  darkBlue: '#3274D9',
  purple: '#B877D9',
  lightPurple: '#DEB6F2',
  darkPurple: '#8F3BB8',
  teal: '#3EC6C0',
  green: '#73BF69',
  lightGreen: '#A6D96A',
  yellow: '#E0B400',
  orange: '#FF9830',
  brown: '#B07D4F',
  pink: '#FF7FBF',
  red: '#F2495C',
  darkRed: '#C4162A',
  grey: '#8E8E8E',
} as const;

/** Colours of severities. */
export const level = { good: color.green, watch: color.yellow, bad: color.red, worst: color.darkRed } as const;

/** Colours of alerts by severity: a page is acted on now, a ticket during the day. */
export const severities = { page: color.red, ticket: color.orange } as const satisfies Palette;

export const quantiles = { p50: color.lightBlue, p95: color.blue, p99: color.purple } as const satisfies Palette;

export const routes = {
  '/api/deals': color.blue,
  '/api/deals/:id': color.purple,
  '/api/purchase': color.pink,
  '/api/purchase/:id': color.lightPurple,
  '/api/enrichment-jobs': color.teal,
  '/api/heavy-hash/bad': color.red,
  '/api/heavy-hash/good': color.green,
} as const satisfies Palette;

export const queues = { 'enrichment-jobs': color.teal, 'critical-jobs': color.pink } as const satisfies Palette;

export const steps = {
  prepare: color.brown,
  compose: color.teal,
  store: color.darkBlue,
  'fraud-check': color.orange,
  'analytics-event': color.blue,
  'email-receipt': color.pink,
} as const satisfies Palette;

export const jobOutcomes = { completed: level.good, retried: level.watch, dead: level.bad } as const satisfies Palette;

export const components = {
  // parts: go generate ./internal/platform writes it
  'experience-api': color.green,
  'deal-service': color.blue,
  'price-service': color.yellow,
  'inventory-service': color.orange,
  'rating-service': color.lightPurple,
  'rating-service-a': color.lightPurple,
  'rating-service-b': color.darkPurple,
  'merchant-service': color.brown,
  'rating-lb': color.purple,
  'enrichment-worker': color.teal,
  'critical-worker': color.pink,
  'slo-dashboard': color.lightGreen,
  'queue-ui': color.grey,
  prometheus: color.red,
  alertmanager: color.darkRed,
  tempo: color.darkBlue,
  loki: color.lightBlue,
  pyroscope: color.brown,
  grafana: color.orange,
  // end of parts
} as const satisfies Palette;

export const failures = {
  timeout: color.orange,
  connection: color.purple,
  unavailable: color.red,
  circuit_open: color.darkRed,
  overloaded: color.yellow,
  bad_response: color.brown,
} as const satisfies Palette;

/** Why a domain service does not serve a request. */
export const refusals = {
  full: color.red,
  shed: color.orange,
  late: color.yellow,
  abandoned: color.grey,
} as const satisfies Palette;

export const criticalities = { sheddable: color.teal, default: color.blue, critical: color.pink } as const satisfies Palette;

export const statuses = {
  '200': color.green,
  '202': color.lightGreen,
  '400': color.lightBlue,
  '404': color.blue,
  '409': color.purple,
  '429': color.yellow,
  '499': color.grey,
  '500': color.darkRed,
  '502': color.red,
  '503': color.pink,
  '504': color.orange,
  timeout: color.orange,
  connection: color.purple,
  canceled: color.grey,
} as const satisfies Palette;

export const readModel = {
  hit: level.good,
  stale: level.watch,
  miss: level.bad,
  'live fallback': color.purple,
  'refresh enqueued': color.teal,
} as const satisfies Palette;

export const slos = {
  availability: color.green,
  latency: color.blue,
  'queue-depth': color.orange,
  'job-freshness': color.teal,
  'purchase-completion': color.pink,
} as const satisfies Palette;
