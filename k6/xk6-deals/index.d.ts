/**
 * A client of the platform that measures the content of responses, and access to its queues and purchases.
 *
 * In the http_req_* metrics of k6 the tag name is the platform's route. The extension adds:
 *
 * - deals_goodput: complete 2xx responses; throughput is http_reqs;
 * - deals_degraded: share of 2xx responses with missing parts;
 * - deals_warnings: missing parts, by upstream;
 * - deals_shed: share of 429 responses;
 * - deals_read_model: deals of lists, by outcome: hit, stale, miss, live_fallback, refresh_enqueued;
 * - deals_purchases: audited purchases, by outcome: completed, dead, open, lost, doubled;
 * - deals_request_duration: of clients with the option timeline, by outcome: complete, degraded, refused, failed. The output timeline=FILE
 *   writes it second by second.
 *
 * With the k6 option discardResponseBodies, which is faster, only the metrics that depend on the status are available.
 */
declare module 'k6/x/deals' {
  /**
   * A client of the experience API. Each request has a correlation ID, and up to ten per second have a trace that is certainly recorded.
   * Failures are logged with both, at most about one per second.
   */
  export class Platform {
    /**
     * Throws when target is not an http or https URL. A request without an answer within patienceMs, 30 s by default, has failed. With
     * timeline, the duration of each request is measured in deals_request_duration. Each request is sent for one of the tenants at random, or
     * for none without tenants; a name that is there twice gets twice the share. With tagTenant, k6's metrics have the tag tenant, so as many
     * times the series.
     */
    constructor(options: {
      target: string;
      patienceMs?: number;
      timeline?: boolean;
      tenants?: readonly string[];
      tagTenant?: boolean;
    });

    /** Returns the readiness; rejects when there is no platform. For setup(): the request is in no metric. */
    check(): Promise<Readiness>;

    list(options?: { city?: string; limit?: number }): Promise<List>;
    detail(id: string): Promise<Answer>;
    /** 202 and 409 (out of stock) are expected. Accepted purchases are remembered for Redis.auditPurchases. */
    purchase(order: { dealId: string; userId?: string; quantity?: number }): Promise<Purchase>;
    /** 202 and 429 are expected. */
    enqueue(batch?: { count?: number; city?: string }): Promise<Enqueued>;
    /** 200 and 429 are expected. */
    hash(way: 'bad' | 'good', work?: { payload?: string; rounds?: number; iterations?: number }): Promise<Answer>;
  }

  export interface Readiness {
    readonly status: 'ready' | 'degraded' | 'not-ready';
    /** Failing dependencies. */
    readonly failing: readonly string[];
  }

  /** The outcome of a call. Calls never reject, so a load continues while the platform is down. */
  export interface Answer {
    /** 0 without a response. */
    readonly status: number;
    /** 2xx */
    readonly ok: boolean;
    /** 429 */
    readonly shed: boolean;
    readonly error: string;
    /** Stable error code, such as queue_overloaded. */
    readonly code: string;
    readonly warnings: readonly string[];
    /** Seconds; 0 when absent. */
    readonly retryAfter: number;
    readonly durationMs: number;
    readonly correlationId: string;
    /** Empty unless the trace is certainly recorded. */
    readonly traceId: string;
  }

  export interface List extends Answer {
    /** Ids. */
    readonly deals: readonly string[];
    readonly readModel: ReadModel | null;
  }

  export interface ReadModel {
    readonly hits: number;
    readonly stale: number;
    readonly misses: number;
    readonly liveFallback: number;
    readonly refreshEnqueued: number;
  }

  export interface Purchase extends Answer {
    /** Empty unless accepted. */
    readonly purchaseId: string;
  }

  export interface Enqueued extends Answer {
    readonly enqueued: number;
    readonly queueDepth: number;
  }

  /** Number of processors of this machine. */
  export const processors: number;

  export type Queue = 'enrichment-jobs' | 'critical-jobs';

  /** The platform's Redis. Calls reject when it is unreachable. Timeouts are durations such as 30s or 1m30s. */
  export class Redis {
    /** Throws when url is not a Redis URL. Does not connect yet. */
    constructor(url: string);

    /** Jobs that are not done. */
    queueDepth(queue: Queue): Promise<number>;
    /** Jobs in the DLQ. */
    dlqDepth(queue: Queue): Promise<number>;
    /** Waits until all jobs are done and returns the seconds that took; rejects after the timeout. */
    waitUntilDrained(queue: Queue, timeout: string): Promise<number>;
    /** Waits until every accepted purchase of this run is completed or in the DLQ, at most for the timeout. */
    auditPurchases(timeout: string): Promise<Audit>;
    /** Deletes all deal cards, as if they had expired, and returns their number. */
    expireCards(): Promise<number>;
  }

  /** Outcomes of the accepted purchases. */
  export interface Audit {
    readonly accepted: number;
    readonly completed: number;
    /** In the DLQ. */
    readonly dead: number;
    /** IDs of purchases that are still queued or running. */
    readonly open: readonly string[];
    /** IDs of purchases without a job. */
    readonly lost: readonly string[];
    /** IDs of purchases with more than one receipt. */
    readonly doubled: readonly string[];
  }
}
