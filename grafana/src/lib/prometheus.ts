// Queries of Prometheus, and the few shapes of PromQL that the dashboards are written in.

import { DataqueryBuilder, PromQueryFormat, QueryEditorMode } from '@grafana/grafana-foundation-sdk/prometheus';

import { prometheus } from './sources.js';

export interface Query {
  readonly expr: string;
  /** What the legend says, with {{label}}. */
  readonly legend: string;
  /** Show the traces behind the values as dots that open them in Tempo. */
  readonly exemplars?: boolean;
  /** The least step, for what is not sampled with every scrape. */
  readonly interval?: string;
  /** The value at the end of the time range only. */
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

/** Per second, over a window that holds four scrapes or more. */
export function rate(series: string): string {
  return `rate(${series}[$__rate_interval])`;
}

/** Per second, summed, by labels when there are any. */
export function rates(series: string, ...by: string[]): string {
  return by.length > 0 ? `sum by (${by.join(', ')}) (${rate(series)})` : `sum(${rate(series)})`;
}

/** A quantile of a native histogram, whose buckets are at most 10 % wide. */
export function quantile(q: number, histogram: string, ...by: string[]): string {
  return `histogram_quantile(${q}, ${rates(histogram, ...by)})`;
}

/** A quantile of a histogram that has classic buckets only, as those of the Go runtime. */
export function classicQuantile(q: number, histogram: string, selector: string, ...by: string[]): string {
  return `histogram_quantile(${q}, ${rates(`${histogram}_bucket{${selector}}`, 'le', ...by)})`;
}

/** The middle, the slow and the slowest of a native histogram. The exemplars are the same for all: one query brings them. */
export function quantiles(histogram: string, options: Omit<Query, 'expr' | 'legend'> = {}): Query[] {
  return [
    query(quantile(0.5, histogram), 'p50', { ...options, exemplars: false }),
    query(quantile(0.95, histogram), 'p95', { ...options, exemplars: false }),
    query(quantile(0.99, histogram), 'p99', options),
  ];
}

/** One rate as a share of another, which has no value while there is nothing to have a share of. */
export function share(part: string, whole: string): string {
  return `${part} / (${whole} > 0)`;
}
