// The indicators of the platform, by one formula each. The objectives are not here: they are in slo/specs.

import { rates, share } from './prometheus.js';

export const requests = 'experience_http_request_duration_seconds_count';

export const requestRate = rates(requests);

// A counter of errors is absent until the first one: absent is none.
export const errorRatio = share(`(${rates('experience_http_request_errors_total')} or vector(0))`, requestRate);

export const p95 = `histogram_quantile(0.95, ${rates('experience_http_request_duration_seconds')})`;

export const upstreamFailureRatio = share(
  rates('experience_upstream_failures_total'),
  rates('experience_upstream_requests_total'),
);

// Every replica of the API reports the same queues.
export const depthByQueue = 'max by (queue) (experience_queue_depth)';

export const queueDepth = `sum(${depthByQueue})`;

const completions = rates('worker_jobs_total{outcome="completed"}');

/** Seconds that the queues would take to drain; +Inf when jobs wait and none is completed, as without a worker, which reports nothing. */
export const queueLag = `(${queueDepth} > 0) / (${completions} or vector(0)) or ${queueDepth}`;

const completionsByQueue = rates('worker_jobs_total{outcome="completed"}', 'queue');

export const lagByQueue = `(${depthByQueue} > 0) / on (queue) (${completionsByQueue} or 0 * ${depthByQueue}) or ${depthByQueue}`;
