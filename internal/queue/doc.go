// Package queue holds the platform's two queues on asynq: what is enqueued and admitted, how it is worked off, retried and
// buried, and how the dead are brought back.
package queue
