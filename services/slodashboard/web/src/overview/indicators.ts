// The six indicators of the platform, as they are shown.

import { indicators as generated } from '../api/indicators.gen';
import type { SLI } from '../api/types';
import type { Unit } from '../lib/format';

type Name = (typeof generated)[number]['name'];

export interface IndicatorEntry {
  readonly name: Name;
  readonly label: string;
  readonly unit: Unit;
  readonly unitName: string;
  readonly color: string;
  readonly target?: keyof SLI['targets'];
  readonly about: string;
}

const colors: Readonly<Record<Name, string>> = {
  requestRateRps: 'blue',
  errorRatePct: 'red',
  p95LatencyMs: 'blue',
  upstreamFailureRatePct: 'orange',
  queueDepth: 'teal',
  queueLagEstimateSec: 'purple',
};

export const indicators: readonly IndicatorEntry[] = generated.map((indicator) => ({ ...indicator, color: colors[indicator.name] }));
