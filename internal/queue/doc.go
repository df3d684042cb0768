// Package queue holds the platform's two queues on asynq: what is enqueued and admitted, how it is worked off, retried and
// buried, and how the dead are brought back. [Client] is the side that enqueues, [Server] the one that works, [DLQ] the
// one that cleans up.
//
// # The life of a job
//
// A job is pending, then active in a worker, then completed. An attempt that fails, by an error or a panic, sends it to retry
// for a while that grows (200 ms for enrichment and 250 ms for purchases at first, doubled each time, plus up to a half of it), then
// it is pending again. After 5 attempts at an enrichment and 4 at a purchase it rests in asynq's archive: that is the DLQ. A job
// whose error is [Permanent] goes there at once. Completed purchases are kept for 24 hours, so that their state can be read and a second
// job with the same id is refused; completed enrichments are not kept.
//
// Nothing is lost on the way, and nothing is done exactly once either: a handler must bear to run twice for one job.
//
//   - An enqueue that got no answer is tried again under the same id, and that id existing already is success.
//   - A worker that is told to stop takes no more jobs, finishes those it has, and hands back what takes too long.
//   - A worker that is killed loses the leases of its jobs after 30 s. asynq's recoverer, in any worker of the queue, takes them up 30 s
//     later, which allows for clocks that differ; it looks once a minute and when a worker starts. So a job comes back one to
//     two minutes after a kill. That costs an attempt, lest a job that kills its workers do so for ever; if it was the last one the
//     job is dead without being counted in worker_jobs_total, but the DLQ's depth shows it.
//   - A replay moves the job in one atomic step, see [DLQ.Replay].
//   - asynq drops dead jobs over 10,000 and after 90 days. Each worker has a guard against both: near the first it pauses the queue until
//     there is room again, before the second it renews the date.
//
// # Admission
//
// One script in Redis adds up the depth of the queue and what was promised to batches under way, and promises another one or
// not. It is atomic, so that batches which come at once, to any number of API replicas, can't slip through together. The time that a
// refused client is told to wait comes from how fast the queue was drained in the last ten seconds.
//
// # Traces
//
// The W3C trace context and the correlation id travel in the headers of the task. Every attempt of a job is a span in the trace of the
// request that enqueued it, a child of the one span that enqueueing its batch makes. Two kinds of jobs have a trace of their own,
// with a link to that span: those of a batch of more than a hundred, and those that were replayed.
//
// # Redis
//
// Clients are the caller's, and should have no tracing hook: asynq polls, and a batch is thousands of commands. Our own keys
// share the hash tag of asynq's, {enrichment-jobs} or {critical-jobs}, so that scripts work on Redis Cluster too.
package queue
