// Package problem is the one way to say over HTTP what went wrong: an error type that knows its status and stable code,
// the constructors of all of them, and the JSON that clients see.
package problem

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"deals.example/internal/correlation"
	"deals.example/internal/deadline"
)

// Stable codes of error answers.
const (
	CodeInvalidArgument     = "invalid_argument"
	CodeNotFound            = "not_found"
	CodeMethodNotAllowed    = "method_not_allowed"
	CodeOutOfStock          = "out_of_stock"
	CodeIdempotencyConflict = "idempotency_conflict"
	CodeBodyTooLarge        = "body_too_large"
	CodeUnsupportedMedia    = "unsupported_media_type"
	CodeQueueOverloaded     = "queue_overloaded"
	CodeHashPoolFull        = "hash_pool_full"
	CodeUpstreamUnavailable = "upstream_unavailable"
	CodeShuttingDown        = "shutting_down"
	CodeQueueUnavailable    = "queue_unavailable"
	CodeOutcomeUnknown      = "outcome_unknown"
	CodeFaultInjected       = "fault_injected"
	CodeDeadlineExceeded    = "deadline_exceeded"
	CodeOverloaded          = "overloaded"
	CodeInternal            = "internal"
)

// statusClientClosedRequest is nginx's code for a client that went away; nobody reads the answer, the metrics do.
const statusClientClosedRequest = 499

// Error is a failure with the answer that it makes.
type Error struct {
	Status     int
	Code       string         // stable, snake_case
	Message    string         // for a person
	RetryAfter time.Duration  // 0: no Retry-After header; else rounded up to seconds
	Fields     map[string]any // further members of the body
	Cause      error          // for the log, never for the client
}

// Error is the message, with the cause behind it.
func (e *Error) Error() string {
	if e.Cause == nil {
		return e.Message
	}
	return e.Message + ": " + e.Cause.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// InvalidArgument says which field was wrong, what was got and what is allowed.
func InvalidArgument(field, got, allowed string) *Error {
	return &Error{
		Status: http.StatusBadRequest, Code: CodeInvalidArgument,
		Message: fmt.Sprintf("%s: got %s, allowed: %s", field, quoteShort(got), allowed),
	}
}

// NotFound says that there is no such thing.
func NotFound(what, id string) *Error {
	return &Error{Status: http.StatusNotFound, Code: CodeNotFound, Message: fmt.Sprintf("no %s %s", what, quoteShort(id))}
}

// OutOfStock says that a deal can't be bought in that quantity.
func OutOfStock(dealID string, quantity, stock int) *Error {
	return &Error{
		Status: http.StatusConflict, Code: CodeOutOfStock,
		Message: fmt.Sprintf("%s is out of stock: asked for %d of %d left", dealID, quantity, stock),
	}
}

// IdempotencyConflict says that the key was used with another body.
func IdempotencyConflict() *Error {
	return &Error{
		Status: http.StatusConflict, Code: CodeIdempotencyConflict,
		Message: "Idempotency-Key was used with another body; use a new key for a new purchase",
	}
}

// QueueOverloaded says that the queue takes no more for now.
func QueueOverloaded(depth, threshold int, retryAfter time.Duration) *Error {
	return &Error{
		Status: http.StatusTooManyRequests, Code: CodeQueueOverloaded, RetryAfter: retryAfter,
		Message: fmt.Sprintf("the queue holds %d jobs, at or over its threshold of %d", depth, threshold),
		Fields:  map[string]any{"queueDepth": depth, "threshold": threshold},
	}
}

// HashPoolFull says that the hash pool's queue has no place left.
func HashPoolFull(depth, capacity int, retryAfter time.Duration) *Error {
	return &Error{
		Status: http.StatusTooManyRequests, Code: CodeHashPoolFull, RetryAfter: retryAfter,
		Message: fmt.Sprintf("%d hashes wait already, as many as may", depth),
		Fields:  map[string]any{"queueDepth": depth, "threshold": capacity},
	}
}

// UpstreamUnavailable says that an upstream without which there is no answer failed.
func UpstreamUnavailable(cause error) *Error {
	return &Error{Status: http.StatusBadGateway, Code: CodeUpstreamUnavailable, Message: cause.Error()}
}

// QueueUnavailable says that Redis is down, and that nothing was accepted.
func QueueUnavailable(cause error) *Error {
	return &Error{
		Status: http.StatusServiceUnavailable, Code: CodeQueueUnavailable, RetryAfter: time.Second,
		Message: "the queue can't be reached; nothing was accepted", Cause: cause,
	}
}

// QueueFull says that Redis refuses writes because its memory is full, and that nothing was accepted.
func QueueFull(cause error) *Error {
	return &Error{
		Status: http.StatusServiceUnavailable, Code: CodeQueueUnavailable, RetryAfter: time.Minute,
		Message: "Redis is full and refuses writes; nothing was accepted", Cause: cause,
	}
}

// PurchaseUnknown says that the queue did not confirm a purchase, which may have been accepted. It has no Retry-After: a repeated
// request without a key would be another purchase.
func PurchaseUnknown(purchaseID string, cause error) *Error {
	return &Error{
		Status: http.StatusGatewayTimeout, Code: CodeOutcomeUnknown,
		Message: fmt.Sprintf("the queue did not confirm the purchase, which may have been accepted: repeat the request with Idempotency-Key: %[1]s, "+
			"or ask GET /api/purchase/%[1]s", purchaseID),
		Fields: map[string]any{"purchaseId": purchaseID}, Cause: cause,
	}
}

// BatchUnknown says that the queue confirmed none of the jobs of a batch, of which it may have some.
func BatchUnknown(unconfirmed int, cause error) *Error {
	return &Error{
		Status: http.StatusGatewayTimeout, Code: CodeOutcomeUnknown,
		Message: fmt.Sprintf("the queue confirmed no job of the batch; up to %d may be enqueued", unconfirmed),
		Fields:  map[string]any{"enqueued": 0, "unconfirmed": unconfirmed}, Cause: cause,
	}
}

// ShuttingDown says that this replica takes no new work.
func ShuttingDown() *Error {
	return &Error{
		Status: http.StatusServiceUnavailable, Code: CodeShuttingDown, RetryAfter: time.Second,
		Message: "this instance is shutting down",
	}
}

// MethodNotAllowed says that the path has no such method.
func MethodNotAllowed(method string) *Error {
	return &Error{Status: http.StatusMethodNotAllowed, Code: CodeMethodNotAllowed, Message: "method " + quoteShort(method) + " is not allowed here"}
}

// FaultInjected is the synthetic failure of a domain service.
func FaultInjected(service string) *Error {
	return &Error{Status: http.StatusServiceUnavailable, Code: CodeFaultInjected, Message: service + ": synthetic failure"}
}

// Overloaded says that the service is busy and refuses the request.
func Overloaded(service string, cause error) *Error {
	return &Error{
		Status: http.StatusServiceUnavailable, Code: CodeOverloaded, RetryAfter: time.Second,
		Message: service + " is overloaded: " + cause.Error(),
	}
}

// Meta ends every JSON body.
type Meta struct {
	RequestID string `json:"requestId"`
}

// NewMeta returns the meta part for the request of ctx.
func NewMeta(ctx context.Context) Meta { return Meta{RequestID: correlation.FromContext(ctx)} }

// Write answers with err and ends the handler chain. An error that is no *Error is a 500 whose text stays in the log;
// a request whose client went away, or waits no longer, is a 499.
func Write(c *gin.Context, err error) {
	var p *Error
	switch ctx := c.Request.Context(); {
	case deadline.Passed(ctx):
		p = &Error{Status: statusClientClosedRequest, Code: CodeDeadlineExceeded, Message: "the time that the client gave has passed", Cause: err}
	case errors.As(err, &p):
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		p = &Error{Status: statusClientClosedRequest, Code: "client_closed_request", Message: "the client went away", Cause: err}
	default:
		p = &Error{Status: http.StatusInternalServerError, Code: CodeInternal, Message: "internal error", Cause: err}
	}
	_ = c.Error(err)
	body := gin.H{"error": p.Message, "code": p.Code, "warnings": []string{}, "meta": NewMeta(c.Request.Context())}
	maps.Copy(body, p.Fields)
	if p.RetryAfter > 0 {
		c.Header("Retry-After", strconv.Itoa(int(math.Ceil(p.RetryAfter.Seconds()))))
	}
	c.AbortWithStatusJSON(p.Status, body)
}

// quoteShort quotes what a client sent, cut to a length that fits a message.
func quoteShort(s string) string {
	const most = 80
	if len(s) > most {
		s = s[:most] + "…"
	}
	return strconv.Quote(s)
}
