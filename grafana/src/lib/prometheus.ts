// Prometheus queries and PromQL templates.

import { DataqueryBuilder, PromQueryFormat, QueryEditorMode } from '@grafana/grafana-foundation-sdk/prometheus';

import { prometheus } from './sources.js';

export interface Query {
  readonly expr: string;
  /** Legend, with {{label}}. */
  readonly legend: string;
  /** Shows exemplars, which link to their traces in Tempo. */
  readonly exemplars?: boolean;
  /** Minimum step, for series that are not sampled with every scrape. */
  readonly interval?: string;
  /** Queries only the end of the time range. */
  readonly instant?: boolean;
  readonly format?: PromQueryFormat;
}

export function query(expr: string, legend: string, options: Omit<Query, 'expr' | 'legend'> = {}): Query {
  return { expr, legend, ...options };
}

export function target(of: Query, index: number): DataqueryBuilder {
  const target = new DataqueryBuilder()
    .refId(String.fromCharCode('A'.charCodeAt(0) + index))
    .datasource(prometheus)
    .editorMode(QueryEditorMode.Code)
    .expr(of.expr)
    .legendFormat(of.legend)
    .format(of.format ?? PromQueryFormat.TimeSeries);
  if (of.exemplars) target.exemplar(true);
  if (of.interval) target.interval(of.interval);
  return of.instant ? target.instant() : target.range();
}

/** Rate per second over $__rate_interval, which is at least four scrape intervals. */
export function rate(series: string): string {
  return `rate(${series}[$__rate_interval])`;
}

/** Sum of rates per second, by the labels. */
export function rates(series: string, ...by: string[]): string {
  return by.length > 0 ? `sum by (${by.join(', ')}) (${rate(series)})` : `sum(${rate(series)})`;
}

/** Sum of rates per second at another time: moved is empty or an offset, such as " offset 60s". */
export function movedRates(series: string, moved: string): string {
  return `sum(rate(${series}[$__rate_interval]${moved}))`;
}

/** Quantile of a native histogram. Its buckets are at most 10 % wide. */
export function quantile(q: number, histogram: string, ...by: string[]): string {
  return `histogram_quantile(${q}, ${rates(histogram, ...by)})`;
}

/** Quantile of a histogram with classic buckets only, such as those of the Go runtime. */
export function classicQuantile(q: number, histogram: string, selector: string, ...by: string[]): string {
  return `histogram_quantile(${q}, ${rates(`${histogram}_bucket{${selector}}`, 'le', ...by)})`;
}

/** p50, p95 and p99 of a native histogram. Only the last query returns exemplars, because they are the same for all. */
export function quantiles(histogram: string, options: Omit<Query, 'expr' | 'legend'> = {}): Query[] {
  return [
    query(quantile(0.5, histogram), 'p50', { ...options, exemplars: false }),
    query(quantile(0.95, histogram), 'p95', { ...options, exemplars: false }),
    query(quantile(0.99, histogram), 'p99', options),
  ];
}

/** part / whole; no value while whole is 0. */
export function share(part: string, whole: string): string {
  return `${part} / (${whole} > 0)`;
}
