// Converts a history of the API to chart data.

import type { History } from '../api/types';
import type { ChartData } from './model';

export interface Wanted {
  readonly name: string;
  readonly of?: string;
  readonly label: string;
  readonly color: string;
  readonly dashed?: boolean;
}

const empty: readonly (number | null)[] = [];

export function chartData(history: History | null | undefined, wanted: readonly Wanted[]): ChartData {
  if (!history) return { times: [], lines: wanted.map(({ label, color }) => ({ label, color, values: empty })) };
  return {
    times: history.times,
    lines: wanted.map(({ name, of = '', label, color, dashed = false }) => ({
      label,
      color,
      dashed,
      values: history.series.find((series) => series.name === name && series.of === of)?.values ?? empty,
    })),
  };
}
