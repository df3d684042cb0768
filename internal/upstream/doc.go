// Package upstream is the only HTTP client of the house, and the one place in which an upstream call is capped, cut,
// retried, hedged or refused. Handlers and workers call [Client.Get]; what stands between them and the wire is this, from the
// outside in:
//
//	retry( budget( hedge( breaker( limit( attempt )))))
//
// and each is where it is for a reason:
//
//   - retry: one more attempt after a 5xx, a timeout or a connection error, 30 to 180 ms later. It is outermost, so that
//     each attempt passes all of the rest again, and so that nothing is held while it sleeps.
//   - budget: retries are at most a fifth of calls, so that a dead upstream is not hit twice as hard. It sits right inside
//     retry, because a failure must be final before retry starts to sleep.
//   - hedge: off by default. A second attempt when the first one takes longer than the upstream's own 95th percentile. The first answer
//     counts, and the other attempt is canceled. A hedge that fails does not end the call. It is inside retry and budget, so that a
//     retry is made when both have failed, and paid for once; it is outside the rest, since a hedge is an attempt like any other to
//     the breaker and the limit. Hedges have a budget of their own, 5 % of calls. A breaker that is not closed gets none, since the
//     loser of a trial and its hedge would look like a trial that proved nothing.
//   - breaker: one per upstream, fed by attempts and not by calls: two failed attempts say more than one failed call. It
//     stands before the limit, so that a call to a dead upstream is refused at once instead of waiting.
//   - limit: the attempts in flight at this upstream, see package limiter. An attempt counts until its body is read. Waiting
//     is by criticality and bounded by the caller's deadline; an attempt that has waited until too little time is left for
//     an answer is not sent.
//   - attempt: one GET with a timeout of its own, a client span, the correlation id and a bounded body. The timeout is
//     innermost, so that the wait for the limit does not eat into it. What is left of it, and the criticality of the
//     request, go with the attempt.
//
// Redirects are not followed, and proxies from the environment are not used: a call goes to the configured address or
// nowhere.
//
// # Switching
//
// [Pool.Switch] changes the [Policies] of all upstreams while calls are made. Each client composes the policies anew and replaces its
// composition, which is immutable, in one atomic store. A call loads it once, at its beginning, and keeps it to its end. The policies in
// other settings than the default ones are there to be compared with these:
//
//   - RetryFixed makes a number of attempts, one right after the other, whatever the share of failures is, and takes a refusal of a busy
//     server for a failure.
//   - BulkheadShared has one pool of places for all upstreams, as many as their limits add up to, which a slow upstream can take alone.
//     Limits that follow the servers' load go on following it. BulkheadNone has no limit.
//   - LocalDeadlines keeps the deadline to the caller. A domain service finishes the work of a request that came without one, since it
//     can't know that nobody waits, and counts it when its caller has gone (domain_capacity_wasted_total).
//
// [Pool.SwitchLimit] changes how the limit of each upstream is found.
//
// What counts as what:
//
//	                               retried   breaker     answer of Get
//	2xx                            no        success     nil
//	404                            no        success     ErrNotFound
//	3xx, other 4xx, bad JSON       no        success     Failure bad_response
//	503 of a busy server           no        success     Failure overloaded
//	other 5xx                      yes       failure     Failure unavailable
//	timeout of the attempt         yes       failure     Failure timeout
//	connection error               yes       failure     Failure connection
//	lost to its hedge              no        neither     that of the hedge
//	caller's deadline              no        neither     Failure timeout, or overloaded when no attempt was made
//	caller's cancel                no        neither     Failure canceled
//
// Retry, hedge and breaker are failsafe-go's, with four differences:
//
//   - Its budget compares retries in flight with executions in flight. A quiet service has one call at a time, so its one
//     retry is always the first in flight and always allowed: a dead upstream would get every call twice. The budgets here
//     are token buckets over calls.
//   - Its breaker knows success and failure. A caller that gives up would have to be one of them; here it says nothing.
//   - Its hedge policy can find the percentile, but from the attempts that ended well. Those that a hedge has overtaken are the
//     slow ones; without them the percentile sinks, and more is hedged. Here they count.
//   - Its timeout cancels an attempt without a cause. The attempt's span and metrics could not tell it from a caller that
//     gave up; a context's deadline can be told.
//
// The places of the bulkhead are not its semaphore but package slots, as everywhere else: what matters more waits less.
package upstream
