// The six indicators of the platform, as they are shown.

import type { SLI } from '../api/types';
import type { Unit } from '../lib/format';

type Name = 'requestRateRps' | 'errorRatePct' | 'p95LatencyMs' | 'upstreamFailureRatePct' | 'queueDepth' | 'queueLagEstimateSec';

export interface IndicatorEntry {
  readonly name: Name;
  readonly label: string;
  readonly unit: Unit;
  readonly unitName: string;
  readonly color: string;
  readonly target?: keyof SLI['targets'];
  readonly about: string;
}

export const indicators: readonly IndicatorEntry[] = [
  {
    name: 'requestRateRps',
    label: 'Request rate',
    unit: 'rps',
    unitName: 'requests per second',
    color: 'blue',
    about: 'all requests to the experience API',
  },
  {
    name: 'errorRatePct',
    label: 'Error rate',
    unit: 'percent',
    unitName: '% of requests',
    color: 'red',
    target: 'errorRatePct',
    about: 'answered with a 5xx',
  },
  {
    name: 'p95LatencyMs',
    label: 'p95 latency',
    unit: 'ms',
    unitName: 'time',
    color: 'blue',
    target: 'p95LatencyMs',
    about: '95 % of requests are faster',
  },
  {
    name: 'upstreamFailureRatePct',
    label: 'Upstream failures',
    unit: 'percent',
    unitName: '% of attempts',
    color: 'orange',
    about: 'calls that failed after their retry',
  },
  {
    name: 'queueDepth',
    label: 'Queue depth',
    unit: 'count',
    unitName: 'jobs',
    color: 'teal',
    target: 'queueDepth',
    about: 'in both queues, waiting or worked on',
  },
  {
    name: 'queueLagEstimateSec',
    label: 'Queue lag',
    unit: 's',
    unitName: 'time',
    color: 'purple',
    about: 'to work off the queues at this pace',
  },
];
