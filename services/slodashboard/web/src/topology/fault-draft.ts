// What a person types about a fault, and what of it goes to the service.

import type { Fault, FaultChange } from '../api/types';

export interface FaultDraft {
  readonly latencyMinMs: number;
  readonly latencyMaxMs: number;
  readonly failurePct: number;
  readonly blackhole: boolean;
  readonly forSeconds: number;
}

export function toDraft({ latencyMinMs, latencyMaxMs, failureRate, blackhole }: Fault): FaultDraft {
  return { latencyMinMs, latencyMaxMs, failurePct: Math.round(failureRate * 1000) / 10, blackhole, forSeconds: 60 };
}

/** What is wrong with it, for a person. The service has the last word. */
export function problem({ latencyMinMs, latencyMaxMs }: FaultDraft): string | undefined {
  if (Number.isNaN(latencyMinMs) || Number.isNaN(latencyMaxMs)) return 'Latency needs both numbers.';
  if (latencyMinMs < 0 || latencyMaxMs > 30_000) return 'Latency goes from 0 to 30,000 ms.';
  return latencyMinMs > latencyMaxMs ? 'Latency begins after it ends.' : undefined;
}

export function toChange({ latencyMinMs, latencyMaxMs, failurePct, blackhole, forSeconds }: FaultDraft): FaultChange {
  return { latencyMinMs, latencyMaxMs, failureRate: failurePct / 100, blackhole, forSeconds };
}
