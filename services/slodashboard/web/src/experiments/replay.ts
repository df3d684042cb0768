// The samples and the pages of a replay.

import type { ExperimentPage, ExperimentReplay } from '../api/types';
import type { ChartData, Span } from '../charts/model';
import { elapsed } from '../lib/format';

/** Returns the error ratio of the samples as chart data, in percent. */
export function errorsData({ sampleSec, errorRatio }: Pick<ExperimentReplay, 'sampleSec' | 'errorRatio'>, span: Span): ChartData {
  return {
    times: errorRatio.map((_, i) => i * sampleSec),
    lines: [{ label: 'errors', color: 'grey', thin: true, values: errorRatio.map((ratio) => ratio * 100) }],
    span,
  };
}

/** Says when somebody is paged, for screen readers. */
export function saySpans(pages: readonly ExperimentPage[]): string {
  if (pages.length === 0) return 'nobody is paged';
  return `paged ${pages.map(({ fromSec, toSec }) => `from ${elapsed(fromSec * 1000)} to ${elapsed(toSec * 1000)}`).join(', ')}`;
}
