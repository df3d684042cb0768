package queue

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/google/uuid"

	"deals.example/internal/queue/schema"
)

// DefaultThreshold is the depth of Enrichment at which Client.Admit refuses batches.
const DefaultThreshold = 1000

const (
	// reservationGrace is how long a reservation outlives the context of its batch: time to release it. If the API died, the
	// reservation ends then.
	reservationGrace = time.Second
	// defaultReservation is the life of a reservation whose context has no deadline.
	defaultReservation = 5 * time.Second
)

// Overloaded is the error of Client.Admit when the queue is full.
type Overloaded struct {
	Depth      int           // jobs in the queue and reserved
	Threshold  int           // depth at which batches are refused
	RetryAfter time.Duration // until the queue should be under the threshold again, from 1 s to an hour
}

func (o *Overloaded) Error() string {
	return fmt.Sprintf("queue %s is overloaded: depth %d, threshold %d, retry after %s",
		Enrichment, o.Depth, o.Threshold, o.RetryAfter)
}

// Admission reserves space in the queue for a batch that is about to be enqueued.
type Admission struct {
	Depth int // jobs in the queue and reserved, without this batch

	client      *Client
	reservation string
}

// admitLua decides atomically, so that concurrent batches cannot all be admitted into the same free space.
// A reservation is a member "<id>:<count>" of a sorted set. Its score is its end in Unix milliseconds, by Redis's clock.
//
//	KEYS    schema.DepthKeys, reservations
//	ARGV    group prefix, threshold, time to live in ms, id, count
//	returns {admitted: 0 or 1, depth including reservations, without this batch}
const admitLua = schema.DepthLua + `
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call("ZREMRANGEBYSCORE", KEYS[6], "-inf", now)
local taken = depth(ARGV[1])
for _, reservation in ipairs(redis.call("ZRANGE", KEYS[6], 0, -1)) do
  taken = taken + tonumber(string.match(reservation, ":(%d+)$"))
end
if taken >= tonumber(ARGV[2]) then
  return {0, taken}
end
redis.call("ZADD", KEYS[6], now + ARGV[3], ARGV[4] .. ":" .. ARGV[5])
if redis.call("PTTL", KEYS[6]) < tonumber(ARGV[3]) then
  redis.call("PEXPIRE", KEYS[6], ARGV[3])
end
return {1, taken}
`

// Admit reserves space for a batch of count enrichment jobs if the depth of the queue, including reservations, is below the
// threshold. Otherwise the error is an *Overloaded. A batch is admitted as a whole, even if it exceeds the threshold. The caller
// enqueues the batch and then calls Release; until then its jobs may be counted twice, as reserved and as enqueued.
//
// A reservation that is not released ends a second after ctx does, so the batch must be enqueued under the same ctx.
func (c *Client) Admit(ctx context.Context, count int) (*Admission, error) {
	id := uuid.NewString()
	reply, err := c.admit.Run(ctx, c.rdb, append(schema.DepthKeys(Enrichment), reservationsKey()),
		schema.GroupPrefix(Enrichment), c.threshold, reservationTTL(ctx).Milliseconds(), id, count).Int64Slice()
	if err != nil {
		return nil, fmt.Errorf("%w: admit %d jobs: %w", ErrUnavailable, count, err)
	}
	if len(reply) != 2 {
		return nil, errors.New("admit: unexpected reply of the script")
	}
	admitted, depth := reply[0] == 1, int(reply[1])
	if !admitted {
		c.metrics.rejections.WithLabelValues(Enrichment).Inc()
		return nil, &Overloaded{
			Depth:      depth,
			Threshold:  c.threshold,
			RetryAfter: retryAfter(depth-c.threshold+1, c.sampler.drainRate(Enrichment)),
		}
	}
	return &Admission{Depth: depth, client: c, reservation: id + ":" + strconv.Itoa(count)}, nil
}

func reservationTTL(ctx context.Context) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return defaultReservation
	}
	return max(0, time.Until(deadline)) + reservationGrace
}

// Release ends the reservation: its jobs are enqueued or given up. A second call does nothing. After an error the reservation
// ends by itself.
func (a *Admission) Release(ctx context.Context) error {
	if err := a.client.rdb.ZRem(ctx, reservationsKey(), a.reservation).Err(); err != nil {
		return fmt.Errorf("%w: release reservation: %w", ErrUnavailable, err)
	}
	return nil
}

func reservationsKey() string { return ownKey(Enrichment, "reservations") }

// ownKey returns a key of this package. It has the hash tag of the queue's other keys, so that one script may use both.
func ownKey(queue, name string) string { return "deals:{" + queue + "}:" + name }

// retryAfter returns how long jobs take to drain at rate per second, in whole seconds from 1 s to an hour. It returns a minute if the
// queue does not drain, and 1 s if the rate is not known (negative).
func retryAfter(jobs int, rate float64) time.Duration {
	const shortest, longest = time.Second, time.Hour
	switch {
	case rate < 0:
		return shortest
	case rate == 0:
		return time.Minute
	default:
		seconds := min(math.Ceil(float64(jobs)/rate), longest.Seconds())
		return max(time.Duration(seconds)*time.Second, shortest)
	}
}
