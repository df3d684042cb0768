package queue

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
	"google.golang.org/protobuf/encoding/protowire"
)

// Replay enqueues a dead job again, under its id and with all its attempts; ErrNotDead when there is none.
//
// asynq's own way (Inspector.RunTask) leaves the count of retries at its most, so that the first failure would bury the job
// again; deleting and enqueueing it anew would lose it to a crash in between. Here one script exchanges the message for one without
// the count and moves the job, if it is still in the DLQ as it was read.
func (d *DLQ) Replay(ctx context.Context, id string) error {
	queue, err := d.queueOf(ctx, id)
	if err != nil {
		return err
	}
	replayed, err := d.replayIDs(ctx, queue, []string{id})
	if err == nil && replayed == 0 {
		err = fmt.Errorf("%w: %s", ErrNotDead, id)
	}
	return err
}

// ReplayAll enqueues all jobs again that the DLQ of a queue holds, and returns how many that were.
func (d *DLQ) ReplayAll(ctx context.Context, queue string) (int, error) {
	return d.each(ctx, queue, func(ids []string) (int, error) { return d.replayIDs(ctx, queue, ids) })
}

func (d *DLQ) replayIDs(ctx context.Context, queue string, ids []string) (int, error) {
	replayed := 0
	for _, id := range ids {
		key := taskPrefix(queue) + id
		message, err := d.rdb.HGet(ctx, key, "msg").Bytes()
		if errors.Is(err, redis.Nil) {
			continue // somebody else was faster
		}
		if err != nil {
			return replayed, fmt.Errorf("%w: read dead job %s: %w", ErrUnavailable, id, err)
		}
		now := strconv.FormatInt(time.Now().UnixNano(), 10)
		fresh, err := withoutRetries(message, now)
		if err != nil {
			return replayed, fmt.Errorf("read dead job %s: %w", id, err)
		}
		keys := []string{key, asynqKey(queue, "archived"), asynqKey(queue, "pending")}
		moved, err := d.replay.Run(ctx, d.rdb, keys, id, message, fresh, now).Int()
		if err != nil {
			return replayed, fmt.Errorf("%w: replay %s: %w", ErrUnavailable, id, err)
		}
		replayed += moved
	}
	return replayed, nil
}

// replayLua moves a job from the DLQ to its queue.
//
//	KEYS    task, archived, pending
//	ARGV    id, message as it was read, message to go on with, now in ns
//	returns 1, or 0 when the job is not in the DLQ any more, or not as it was
const replayLua = `
if redis.call("HGET", KEYS[1], "msg") ~= ARGV[2] or redis.call("ZREM", KEYS[2], ARGV[1]) == 0 then
  return 0
end
redis.call("HSET", KEYS[1], "msg", ARGV[3], "state", "pending", "pending_since", ARGV[4])
redis.call("LPUSH", KEYS[3], ARGV[1])
return 1
`

// Fields of asynq's TaskMessage (internal/proto/asynq.proto), which is what the message of a task is. Their numbers are fixed for good
// by the rules of protobuf.
const (
	fieldRetried = 6
	fieldHeaders = 15
)

var errNoMessage = errors.New("not a task message of asynq")

// withoutRetries returns a task message that was never retried, with a header that tells when it was replayed.
func withoutRetries(message []byte, replayedAt string) ([]byte, error) {
	fresh := make([]byte, 0, len(message)+len(headerReplayedAt)+len(replayedAt)+8)
	for rest := message; len(rest) > 0; {
		field, kind, tag := protowire.ConsumeTag(rest)
		if tag < 0 {
			return nil, errNoMessage
		}
		value := protowire.ConsumeFieldValue(field, kind, rest[tag:])
		if value < 0 {
			return nil, errNoMessage
		}
		if field != fieldRetried {
			fresh = append(fresh, rest[:tag+value]...)
		}
		rest = rest[tag+value:]
	}
	// A map is a list of pairs of key (1) and value (2), of which the last for a key counts.
	var header []byte
	header = protowire.AppendTag(header, 1, protowire.BytesType)
	header = protowire.AppendString(header, headerReplayedAt)
	header = protowire.AppendTag(header, 2, protowire.BytesType)
	header = protowire.AppendString(header, replayedAt)
	fresh = protowire.AppendTag(fresh, fieldHeaders, protowire.BytesType)
	return protowire.AppendBytes(fresh, header), nil
}
