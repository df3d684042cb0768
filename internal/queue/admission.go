package queue

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// DefaultThreshold is the depth of Enrichment from which on Client.Admit refuses.
const DefaultThreshold = 1000

// reservationTTL is how long a batch counts that was admitted and whose API then died.
const reservationTTL = 30 * time.Second

// Overloaded is the error of Client.Admit when the queue is full.
type Overloaded struct {
	Depth      int           // jobs in the queue and promised to it
	Threshold  int           // the depth from which on nothing is admitted
	RetryAfter time.Duration // when the queue should be under the threshold again: 1 s to 60 s
}

func (o *Overloaded) Error() string {
	return fmt.Sprintf("queue %s is overloaded: depth %d, threshold %d, retry after %s",
		Enrichment, o.Depth, o.Threshold, o.RetryAfter)
}

// Admission is a place in the queue for a batch that is about to be enqueued.
type Admission struct {
	Depth int // jobs in the queue and promised to it, this batch not counted

	client      *Client
	reservation string
}

// admitLua decides in one step, so that batches that come at the same time cannot all see the same free place.
// A reservation is a member "<id>:<count>" of a sorted set; its score is when it ends, by Redis's own clock.
//
//	KEYS    depthKeys, reservations
//	ARGV    group prefix, threshold, time to live in ms, id, count
//	returns {admitted: 0 or 1, depth and reservations before}
const admitLua = depthLua + `
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
redis.call("PEXPIRE", KEYS[6], ARGV[3])
return {1, taken}
`

// Admit reserves places for a batch of count enrichment jobs while the depth of the queue, reservations included,
// is under the threshold; else the error is an *Overloaded. A batch is admitted whole, however far it leads over
// the threshold. The caller enqueues and then calls Release: until then the batch counts as reserved even where it
// is enqueued already, which errs to the side of refusing.
func (c *Client) Admit(ctx context.Context, count int) (*Admission, error) {
	id := uuid.NewString()
	reply, err := c.admit.Run(ctx, c.rdb, append(depthKeys(Enrichment), reservationsKey()),
		groupPrefix(Enrichment), c.threshold, reservationTTL.Milliseconds(), id, count).Int64Slice()
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

// Release gives up the reservation: its jobs are in the queue by now, or won't be. A second call does nothing. After an
// error the reservation ends by itself.
func (a *Admission) Release(ctx context.Context) error {
	if err := a.client.rdb.ZRem(ctx, reservationsKey(), a.reservation).Err(); err != nil {
		return fmt.Errorf("%w: release reservation: %w", ErrUnavailable, err)
	}
	return nil
}

func reservationsKey() string { return ownKey(Enrichment, "reservations") }

// retryAfter is how long it takes to drain jobs at rate per second, in whole seconds, 1 s to 60 s. Without a
// rate (negative) it is the least: the client's next try comes when there is one.
func retryAfter(jobs int, rate float64) time.Duration {
	const least, most = time.Second, time.Minute
	switch {
	case rate < 0:
		return least
	case float64(jobs) >= rate*most.Seconds():
		return most
	default:
		wait := time.Duration(float64(jobs) / rate * float64(time.Second))
		return min(max(wait.Round(time.Second), least), most)
	}
}
