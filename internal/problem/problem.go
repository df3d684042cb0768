// Package problem defines the errors of the HTTP APIs: a type with status and code, a constructor for each kind of error, and the JSON that
// clients receive. It also decodes request bodies.
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
	"deals.example/internal/strict"
)

// Codes of error responses. They do not change.
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

// StatusClientClosedRequest is nginx's status for a closed client connection. A client whose deadline has passed at the server a moment before
// it has passed at the client can still see it.
const StatusClientClosedRequest = 499

// Error is an error with its HTTP response.
type Error struct {
	Status     int
	Code       string         // stable, snake_case
	Message    string         // human-readable
	RetryAfter time.Duration  // Retry-After header, rounded up to seconds; 0 means none
	Fields     map[string]any // further members of the body
	Cause      error          // for the log, not sent to the client
}

// Error returns the message and the cause.
func (e *Error) Error() string {
	if e.Cause == nil {
		return e.Message
	}
	return e.Message + ": " + e.Cause.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// InvalidArgument is a 400 for a field of the request.
func InvalidArgument(field, got, want string) *Error {
	return invalid(strict.Wrong(field, strict.Quote(got), want).Error())
}

func invalid(message string) *Error {
	return &Error{Status: http.StatusBadRequest, Code: CodeInvalidArgument, Message: message}
}

// NotFound is a 404 for an id of a kind, such as "deal".
func NotFound(what, id string) *Error {
	return &Error{Status: http.StatusNotFound, Code: CodeNotFound, Message: fmt.Sprintf("no %s %s", what, strict.Quote(id))}
}

// OutOfStock is a 409 for a purchase over the stock of a deal.
func OutOfStock(dealID string, quantity, stock int) *Error {
	return &Error{
		Status: http.StatusConflict, Code: CodeOutOfStock,
		Message: fmt.Sprintf("%s is out of stock: asked for %d of %d left", dealID, quantity, stock),
	}
}

// IdempotencyConflict is a 409 for an Idempotency-Key that was used with another body.
func IdempotencyConflict() *Error {
	return &Error{
		Status: http.StatusConflict, Code: CodeIdempotencyConflict,
		Message: "Idempotency-Key was used with another body; use a new key for a new purchase",
	}
}

// QueueOverloaded is a 429 for a batch that the queue does not admit. depth and threshold are numbers of jobs.
func QueueOverloaded(depth, threshold int, retryAfter time.Duration) *Error {
	return &Error{
		Status: http.StatusTooManyRequests, Code: CodeQueueOverloaded, RetryAfter: retryAfter,
		Message: fmt.Sprintf("the queue holds %d jobs, at or over its threshold of %d", depth, threshold),
		Fields:  map[string]any{"queueDepth": depth, "threshold": threshold},
	}
}

// HashPoolFull is a 429 for a hash while the queue of the pool is full.
func HashPoolFull(depth, capacity int, retryAfter time.Duration) *Error {
	return &Error{
		Status: http.StatusTooManyRequests, Code: CodeHashPoolFull, RetryAfter: retryAfter,
		Message: fmt.Sprintf("hash queue is full: %d waiting", depth),
		Fields:  map[string]any{"queueDepth": depth, "threshold": capacity},
	}
}

// UpstreamUnavailable is a 502 for the failure of a required upstream.
func UpstreamUnavailable(cause error) *Error {
	return &Error{Status: http.StatusBadGateway, Code: CodeUpstreamUnavailable, Message: cause.Error()}
}

// QueueUnavailable is a 503 while Redis is down. Nothing was accepted.
func QueueUnavailable(cause error) *Error {
	return &Error{
		Status: http.StatusServiceUnavailable, Code: CodeQueueUnavailable, RetryAfter: time.Second,
		Message: "the queue can't be reached; nothing was accepted", Cause: cause,
	}
}

// QueueFull is a 503 while the memory of Redis is full. Nothing was accepted.
func QueueFull(cause error) *Error {
	return &Error{
		Status: http.StatusServiceUnavailable, Code: CodeQueueUnavailable, RetryAfter: time.Minute,
		Message: "Redis is full and refuses writes; nothing was accepted", Cause: cause,
	}
}

// PurchaseUnknown is a 504 for a purchase that the queue did not confirm and may have accepted. It has no Retry-After, because a repeated
// request without an idempotency key would be a second purchase.
func PurchaseUnknown(purchaseID string, cause error) *Error {
	return &Error{
		Status: http.StatusGatewayTimeout, Code: CodeOutcomeUnknown,
		Message: fmt.Sprintf("the queue did not confirm the purchase, which may have been accepted: "+
			"repeat the request with Idempotency-Key: %[1]s, or read GET /api/purchase/%[1]s", purchaseID),
		Fields: map[string]any{"purchaseId": purchaseID}, Cause: cause,
	}
}

// BatchUnknown is a 504 for a batch of which the queue confirmed no job and may have accepted up to unconfirmed.
func BatchUnknown(unconfirmed int, cause error) *Error {
	return &Error{
		Status: http.StatusGatewayTimeout, Code: CodeOutcomeUnknown,
		Message: fmt.Sprintf("the queue confirmed no job of the batch; up to %d may be enqueued", unconfirmed),
		Fields:  map[string]any{"enqueued": 0, "unconfirmed": unconfirmed}, Cause: cause,
	}
}

// ShuttingDown is a 503 of an instance that accepts no new work.
func ShuttingDown() *Error {
	return &Error{
		Status: http.StatusServiceUnavailable, Code: CodeShuttingDown, RetryAfter: time.Second,
		Message: "this instance is shutting down",
	}
}

// MethodNotAllowed is a 405.
func MethodNotAllowed(method string) *Error {
	return &Error{
		Status: http.StatusMethodNotAllowed, Code: CodeMethodNotAllowed, Message: "method " + strict.Quote(method) + " is not allowed here",
	}
}

// FaultInjected is a 503 for a synthetic failure of a domain service.
func FaultInjected(service string) *Error {
	return &Error{Status: http.StatusServiceUnavailable, Code: CodeFaultInjected, Message: service + ": synthetic failure"}
}

// Overloaded is a 503 of a service at its capacity.
func Overloaded(service string, cause error) *Error {
	return &Error{
		Status: http.StatusServiceUnavailable, Code: CodeOverloaded, RetryAfter: time.Second,
		Message: service + " is overloaded: " + cause.Error(),
	}
}

// Meta is the member meta of every JSON body.
type Meta struct {
	RequestID string `json:"requestId"`
}

// NewMeta returns the meta of the request of ctx.
func NewMeta(ctx context.Context) Meta { return Meta{RequestID: correlation.FromContext(ctx)} }

// Write responds with err and ends the handler chain. An error that is not an *Error becomes a 500, and its text is only logged. If the
// client's deadline has passed or its connection is closed, the status is 499.
func Write(c *gin.Context, err error) {
	var p *Error
	switch ctx := c.Request.Context(); {
	case deadline.Passed(ctx):
		p = &Error{Status: StatusClientClosedRequest, Code: CodeDeadlineExceeded, Message: "the deadline of the client has passed", Cause: err}
	case errors.As(err, &p):
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		p = &Error{Status: StatusClientClosedRequest, Code: "client_closed_request", Message: "the client closed the connection", Cause: err}
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
