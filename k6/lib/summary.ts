// The summary of a run: as text, and as JSON in the file named by SUMMARY_FILE.

/** The part of handleSummary's argument that is used here. */
export interface Data {
  metrics: Record<string, Metric | undefined>;
  state: { testRunDurationMs: number };
}

interface Metric {
  values: Record<string, number | undefined>;
  thresholds?: Record<string, { ok: boolean }>;
}

/** Must match k6.Summary in Go. */
interface Summary {
  requests: number;
  success: number;
  failures: number;
  notSent: number;
  refusedPct: number;
  rps: number;
  averageMs: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
}

/** The k6 option summaryTrendStats: the statistics of latencies that the summary uses. */
export const trendStats = ['avg', 'med', 'p(95)', 'p(99)'];

export function handleSummary(data: Data): Record<string, string> {
  const summary = summarize(data);
  const text = [...lines(summary), ...shares(data), ...broken(data)].map(([name, value]) => `${name.padEnd(20)}${value}`);
  const files: Record<string, string> = { stdout: `\n${text.join('\n')}\n` };
  if (__ENV.SUMMARY_FILE) files[__ENV.SUMMARY_FILE] = `${JSON.stringify(summary)}\n`;
  return files;
}

function summarize(data: Data): Summary {
  const value = (metric: string, name: string) => data.metrics[metric]?.values[name] ?? 0;
  const requests = value('http_reqs', 'count');
  const failures = value('http_req_failed', 'passes'); // k6 counts failures as passes of this rate
  const percent = (metric: string) => 100 * value(metric, 'rate');
  return {
    requests,
    success: requests - failures,
    failures,
    notSent: value('dropped_iterations', 'count'),
    refusedPct: percent('deals_shed'),
    rps: value('http_reqs', 'rate'),
    averageMs: value('http_req_duration', 'avg'),
    p50Ms: value('http_req_duration', 'med'),
    p95Ms: value('http_req_duration', 'p(95)'),
    p99Ms: value('http_req_duration', 'p(99)'),
  };
}

type Row = [name: string, value: string];

function lines(summary: Summary): Row[] {
  return [
    ['requests sent', `${summary.requests}`],
    ['success', `${summary.success}`],
    ['failures', `${summary.failures}`],
    ...(summary.notSent > 0 ? [['not sent', `${summary.notSent}`] satisfies Row] : []),
    ['requests per second', summary.rps.toFixed(1)],
    ['average latency', `${summary.averageMs.toFixed(1)} ms`],
    ['p95 latency', `${summary.p95Ms.toFixed(1)} ms`],
  ];
}

/** Shares that the extension measured, without those that are 0. */
function shares(data: Data): Row[] {
  const rows: Row[] = [];
  for (const [name, metric] of [['refused', 'deals_shed'], ['degraded', 'deals_degraded']] as const) {
    const share = data.metrics[metric]?.values.rate ?? 0;
    if (share > 0) rows.push([name, `${(100 * share).toFixed(1)} %`]);
  }
  return rows;
}

/** Failed thresholds. */
function broken(data: Data): Row[] {
  return Object.entries(data.metrics).flatMap(([name, metric]) =>
    Object.entries(metric?.thresholds ?? {})
      .filter(([, { ok }]) => !ok)
      .map(([threshold]): Row => ['threshold failed', `${name}: ${threshold}`]),
  );
}
