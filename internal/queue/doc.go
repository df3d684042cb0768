// Package queue implements the platform's two job queues on asynq. [Client] enqueues and admits jobs, [Server] processes them, and [DLQ]
// lists, replays and purges dead jobs.
//
// # The life of a job
//
// A job is pending, then active in a worker, then completed. If an attempt fails, by an error or a panic, the job is retried after an
// exponential backoff with jitter: 200 ms for enrichment and 250 ms for purchases, doubled after each further attempt, plus up to half of
// that. A job that failed its last attempt, the fifth of an enrichment and the fourth of a purchase, is dead: it is moved to asynq's
// archive, which is the dead letter queue (DLQ). A job whose error is [Permanent] is moved there at once. Completed purchases are kept
// for 24 hours, so that their state can be read and a second job with the same id is refused. Completed enrichments are deleted.
//
// Delivery is at least once: a handler must be able to run twice for one job.
//
//   - An enqueue without an answer is repeated with the same id. A conflict of ids then counts as success.
//   - A worker that shuts down takes no further jobs, finishes the active ones, and requeues those that take too long.
//   - A worker extends the leases of its jobs every 5 s. A recoverer in each worker hands jobs whose lease has not been extended for 11 s,
//     because their worker was killed or is suspended, back to the head of the queue. They run again within 15 s of the kill if a worker of
//     the queue runs. The first death of a worker costs its jobs no attempt. If the next worker dies during the same job as well, that
//     attempt has failed: a job that crashes its workers ends in the DLQ. A worker that wakes up after its job was handed back may finish it
//     a second time. asynq's own recoverer finds a job only if none of ours could check for 15 s after the end of its lease.
//   - A replay moves the job atomically, see [DLQ.Replay].
//   - asynq deletes archived jobs over 10,000 and after 90 days. A guard in each worker prevents both: it pauses the queue while the
//     archive is nearly full, and updates the time of death of old jobs.
//
// # Admission
//
// A Redis script adds the depth of the queue and the reservations of admitted batches, and either reserves space for another batch or
// refuses it. It is atomic, so concurrent batches to any number of API replicas cannot exceed the threshold together. The retry time in a
// refusal is computed from the drain rate of the last ten seconds.
//
// # Traces
//
// The headers of a task carry the W3C trace context and the correlation id. Each attempt is a span in the trace of the request that
// enqueued the job, with the span of the enqueue as its parent. Attempts at jobs of batches over 100 jobs, and at replayed jobs, start
// a new trace with a link to that span.
//
// # Redis
//
// The caller owns the Redis clients. They should have no tracing hook: asynq polls, and a batch is thousands of commands. The keys of this
// package have the hash tag of asynq's keys, {enrichment-jobs} or {critical-jobs}, so that scripts also work on Redis Cluster.
package queue
