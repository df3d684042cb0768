// What a run comes to, for a person and, in the file that SUMMARY_FILE names, for a program.

/** What k6 hands to handleSummary, as far as it is used here. */
export interface Data {
  metrics: Record<string, Metric | undefined>;
  state: { testRunDurationMs: number };
}

interface Metric {
  values: Record<string, number | undefined>;
  thresholds?: Record<string, { ok: boolean }>;
}

/** The same as k6.Summary in Go. */
interface Summary {
  requests: number;
  success: number;
  failures: number;
  refusedPct: number;
  rps: number;
  averageMs: number;
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
}

/** What k6 must keep of a latency for the summary: the option summaryTrendStats. */
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
  const failures = value('http_req_failed', 'passes'); // of the rate of failures
  const percent = (metric: string) => 100 * value(metric, 'rate');
  return {
    requests,
    success: requests - failures,
    failures,
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
    ['requests a second', summary.rps.toFixed(1)],
    ['average latency', `${summary.averageMs.toFixed(1)} ms`],
    ['p95 latency', `${summary.p95Ms.toFixed(1)} ms`],
  ];
}

/** What the extension counted, where there is any of it. */
function shares(data: Data): Row[] {
  const rows: Row[] = [];
  for (const [name, metric] of [['refused', 'deals_shed'], ['degraded', 'deals_degraded']] as const) {
    const share = data.metrics[metric]?.values.rate ?? 0;
    if (share > 0) rows.push([name, `${(100 * share).toFixed(1)} %`]);
  }
  return rows;
}

/** The thresholds that do not hold. */
function broken(data: Data): Row[] {
  return Object.entries(data.metrics).flatMap(([name, metric]) =>
    Object.entries(metric?.thresholds ?? {})
      .filter(([, { ok }]) => !ok)
      .map(([threshold]): Row => ['does not hold', `${name}: ${threshold}`]),
  );
}
