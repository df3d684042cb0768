/**
 * The platform for k6 scripts: a client whose calls count what the answers say, and a look into queues and purchases.
 *
 * Beside the http_req_* of k6, with the route as the platform names it in the tag name, there are
 *
 * - deals_goodput: answers of full use, 2xx with nothing missing; throughput is http_reqs;
 * - deals_degraded: of the 2xx, the share in which something is missing;
 * - deals_warnings: what was missing, by upstream;
 * - deals_shed: the share of answers that are a 429;
 * - deals_read_model: the deals of lists, by outcome: hit, stale, miss, live_fallback, refresh_enqueued;
 * - deals_purchases: what was audited, by outcome: completed, dead, open, lost, doubled.
 *
 * With k6's option discardResponseBodies answers are not read, which is faster: then there are only the status and what follows from it.
 */
declare module 'k6/x/deals' {
  /**
   * A client of the experience API. Each request has a correlation id, and up to ten a second have a trace that is recorded for sure. A
   * failure is logged with both, about one a second.
   */
  export class Platform {
    /** Throws when target is no URL of http or https. */
    constructor(options: { target: string });

    /** Whether the platform is ready; rejects when there is none. For setup(): it is in no metric. */
    check(): Promise<Readiness>;

    list(options?: { city?: string; limit?: number }): Promise<List>;
    detail(id: string): Promise<Answer>;
    /** Expected are 202 and 409, out of stock. What is accepted is remembered for Redis.auditPurchases. */
    purchase(order: { dealId: string; userId?: string; quantity?: number }): Promise<Purchase>;
    /** Expected are 202 and 429. */
    enqueue(batch?: { count?: number; city?: string }): Promise<Enqueued>;
    /** Expected are 200 and 429. */
    hash(way: 'bad' | 'good', work?: { payload?: string; rounds?: number; iterations?: number }): Promise<Answer>;
  }

  export interface Readiness {
    readonly status: 'ready' | 'degraded' | 'not-ready';
    /** The dependencies that fail. */
    readonly failing: readonly string[];
  }

  /** What a call came to. Calls don't reject: a load goes on while the platform is down. */
  export interface Answer {
    /** 0 when there was no answer. */
    readonly status: number;
    /** 2xx */
    readonly ok: boolean;
    /** 429 */
    readonly shed: boolean;
    readonly error: string;
    /** The platform's code of an error, such as queue_overloaded. */
    readonly code: string;
    readonly warnings: readonly string[];
    /** In s; 0 when not told to wait. */
    readonly retryAfter: number;
    readonly durationMs: number;
    readonly correlationId: string;
    /** Empty unless the trace is recorded for sure. */
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

  /** The processors of the machine that k6 runs on. */
  export const processors: number;

  export type Queue = 'enrichment-jobs' | 'critical-jobs';

  /** The Redis of the platform. Calls reject when it can't be reached. Times are such as 30s or 1m30s. */
  export class Redis {
    /** Throws when url is none of Redis. Connects to nothing yet. */
    constructor(url: string);

    /** Jobs still to be done. */
    queueDepth(queue: Queue): Promise<number>;
    /** Jobs that rest in the DLQ. */
    dlqDepth(queue: Queue): Promise<number>;
    /** Resolves to the seconds until no job was left to be done; rejects after the timeout. */
    waitUntilDrained(queue: Queue, timeout: string): Promise<number>;
    /** Waits until every purchase that this run had accepted is completed or in the DLQ, at most for the timeout. */
    auditPurchases(timeout: string): Promise<Audit>;
    /** Removes all deal cards, as if they had expired, and resolves to how many there were. */
    expireCards(): Promise<number>;
  }

  /** What has become of the purchases that were accepted. */
  export interface Audit {
    readonly accepted: number;
    readonly completed: number;
    /** In the DLQ. */
    readonly dead: number;
    /** Ids of those that are neither yet. */
    readonly open: readonly string[];
    /** Ids of those that are neither, and that nobody will do. */
    readonly lost: readonly string[];
    /** Ids of those with more than one receipt. */
    readonly doubled: readonly string[];
  }
}
