package upstream

import (
	"errors"
	"fmt"
)

// ErrNotFound says that the upstream answered 404: an answer, not a failure.
var ErrNotFound = errors.New("not found upstream")

// errInvalidPath says that a path would not stay under the base URL.
var errInvalidPath = errors.New("path is not made of plain segments")

// Reason says why a call, or one attempt of it, failed. It is a label value and stable.
type Reason string

// All reasons.
const (
	ReasonTimeout     Reason = "timeout"      // no answer within the attempt's timeout or the caller's deadline
	ReasonConnection  Reason = "connection"   // could not connect, or the connection broke before the body's end
	ReasonUnavailable Reason = "unavailable"  // 5xx
	ReasonCircuitOpen Reason = "circuit_open" // not called: its breaker is open
	ReasonOverloaded  Reason = "overloaded"   // refused by the busy upstream, or not called: the limit left no room before the caller's deadline
	ReasonBadResponse Reason = "bad_response" // a status that nobody expects, too large a body, or not the JSON that was asked for
	ReasonCanceled    Reason = "canceled"     // the caller gave up; says nothing about the upstream
)

// words are for the person who reads a warning.
func (r Reason) words() string {
	switch r {
	case ReasonConnection:
		return "connection failed"
	case ReasonCircuitOpen:
		return "skipped, circuit open"
	case ReasonOverloaded:
		return "overloaded"
	case ReasonBadResponse:
		return "bad response"
	default:
		return string(r)
	}
}

// Failure is a call that failed after all policies.
type Failure struct {
	Service string
	Reason  Reason
	Err     error // what the last attempt ran into; for the log, it may name addresses
}

// Error is short, stable and names no address, for example "rating-lb timeout": it goes into the warnings of answers.
func (f *Failure) Error() string { return f.Service + " " + f.Reason.words() }

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Err }

// AttemptError is one attempt that brought no answer: Reason is timeout, connection, bad_response or canceled, or
// unavailable where a Client has judged the status.
type AttemptError struct {
	Reason   Reason
	Err      error
	byCaller bool // the caller's deadline or cancel ended it, so it says nothing about the upstream
}

// Error names the reason and the cause.
func (e *AttemptError) Error() string { return fmt.Sprintf("%s: %v", e.Reason, e.Err) }

// Unwrap returns the cause.
func (e *AttemptError) Unwrap() error { return e.Err }

// ErrorType returns the reason, as the error.type of spans.
func (e *AttemptError) ErrorType() string { return string(e.Reason) }
