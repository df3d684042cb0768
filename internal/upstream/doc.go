// Package upstream is the only HTTP client of the house, and the one place in which an upstream call is capped, cut,
// retried or refused. Handlers and workers call [Client.Get]; what stands between them and the wire is this, from the
// outside in:
//
//	retry( budget( breaker( limit( attempt ))))
//
// and each is where it is for a reason:
//
//   - retry: one more attempt after a 5xx, a timeout or a connection error, 30 to 180 ms later. It is outermost, so that
//     each attempt passes all of the rest again, and so that nothing is held while it sleeps.
//   - budget: retries are at most a fifth of calls, so that a dead upstream is not hit twice as hard. It sits right inside
//     retry, because a failure must be final before retry starts to sleep.
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
//	caller's deadline              no        neither     Failure timeout, or overloaded when no attempt was made
//	caller's cancel                no        neither     Failure canceled
//
// Retry and breaker are failsafe-go's, with three differences:
//
//   - Its budget compares retries in flight with executions in flight. A quiet service has one call at a time, so its one
//     retry is always the first in flight and always allowed: a dead upstream would get every call twice. The budget here
//     is a token bucket over calls.
//   - Its breaker knows success and failure. A caller that gives up would have to be one of them; here it says nothing.
//   - Its timeout cancels an attempt without a cause. The attempt's span and metrics could not tell it from a caller that
//     gave up; a context's deadline can be told.
package upstream
