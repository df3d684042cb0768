// Package schema is what the platform knows of asynq's data in Redis. asynq keeps it internal, while internal/queue must
// change it atomically. It was read in the sources of the asynq version named by [Version]: internal/base/base.go,
// internal/rdb/rdb.go and internal/proto/asynq.proto.
//
// A task is a hash with the fields msg (a protobuf TaskMessage), state and, while it is pending, pending_since. Its id is in the
// list or sorted set of its state. The braces in the keys are Redis Cluster's hash tag: all keys of a queue are in one slot, so
// that one script may use them.
package schema

import "time"

// Version is the version of asynq that this package describes.
const Version = "v0.26.0"

const (
	// ArchiveSize is the size of a queue's archive from which on asynq drops the oldest tasks.
	ArchiveSize = 10_000
	// ArchiveAge is the age at which asynq drops archived tasks.
	ArchiveAge = 90 * 24 * time.Hour
	// HeartbeatInterval is the time between two extensions of a lease.
	HeartbeatInterval = 5 * time.Second
	// LeaseDuration is the time from an extension of a lease to its end.
	LeaseDuration = 30 * time.Second
	// RecoverAfter is how long after the end of a lease asynq recovers the task.
	RecoverAfter = 30 * time.Second
)

func key(queue, name string) string { return "asynq:{" + queue + "}:" + name }

// Pending is a list of ids: new ones are pushed to the left, workers take from the right.
func Pending(queue string) string { return key(queue, "pending") }

// Active is a list of the ids that workers have taken.
func Active(queue string) string { return key(queue, "active") }

// Lease is a sorted set: until when, in Unix seconds, a worker holds an active task. A worker extends the leases of all its active
// tasks to LeaseDuration from now, every HeartbeatInterval.
func Lease(queue string) string { return key(queue, "lease") }

// Scheduled is a sorted set of ids by the Unix second when they become pending.
func Scheduled(queue string) string { return key(queue, "scheduled") }

// Retry is a sorted set of ids by the Unix second when they become pending again.
func Retry(queue string) string { return key(queue, "retry") }

// Archived is a sorted set of ids by the Unix second when they were archived.
func Archived(queue string) string { return key(queue, "archived") }

// Paused exists while no task of the queue may be taken.
func Paused(queue string) string { return key(queue, "paused") }

// Processed counts finished attempts, the failed ones included.
func Processed(queue string) string { return key(queue, "processed") }

// Failed counts failed attempts.
func Failed(queue string) string { return key(queue, "failed") }

// Groups is a set of the names of groups of aggregating tasks.
func Groups(queue string) string { return key(queue, "groups") }

// GroupPrefix followed by the name of a group is a sorted set of ids.
func GroupPrefix(queue string) string { return key(queue, "g:") }

// TaskPrefix followed by an id is the hash of a task.
func TaskPrefix(queue string) string { return key(queue, "t:") }

// Task is the hash of a task.
func Task(queue, id string) string { return TaskPrefix(queue) + id }

// Fields of a task's hash.
const (
	FieldMessage = "msg"
	FieldState   = "state"
)
