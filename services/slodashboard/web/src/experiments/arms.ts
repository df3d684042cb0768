// Charts of the arms of a run.

import type { ExperimentArm, ExperimentChart } from '../api/types';
import type { ChartData, Line, Span } from '../charts/model';

/** The colours of the arms, as the reports have them. */
export const armColors = ['orange', 'blue', 'purple', 'green'] as const;

export const armColor = (index: number): string => armColors[index % armColors.length] ?? armColors[0];

type Series = 'good' | 'refused' | 'p95Ms';

export const streamsOf = (charts: readonly ExperimentChart[]): readonly string[] => [...new Set(charts.map(({ stream }) => stream))];

/** Returns the charts of a stream as chart data: a thin line per round, in the colour of its arm. withDue adds the requests that were due. */
export function armsData(charts: readonly ExperimentChart[], stream: string, series: Series, arms: readonly ExperimentArm[], span: Span, withDue = false): ChartData {
  const of = charts.filter((chart) => chart.stream === stream);
  const length = Math.max(0, ...of.map(({ due }) => due.length));
  const times = Array.from({ length }, (_, i) => i);
  // Latency is 0 where there was no answer.
  const known = (value: number | undefined): number | null => (value === undefined || (series === 'p95Ms' && value === 0) ? null : value);
  const lines = arms.flatMap(({ id, label }, index) =>
    of.filter(({ arm }) => arm === id).map((chart): Line => ({ label, color: armColor(index), thin: true, values: times.map((i) => known(chart[series][i])) })),
  );
  const due: Line = { label: 'due', color: 'grey', dashed: true, values: times.map((i) => Math.max(0, ...of.map((chart) => chart.due[i] ?? 0))) };
  return { times, lines: withDue && length > 0 ? [due, ...lines] : lines, span };
}

export const anyRefused = (charts: readonly ExperimentChart[], stream: string): boolean =>
  charts.some((chart) => chart.stream === stream && chart.refused.some((rate) => rate > 0));
