package hash

import "golang.org/x/sys/unix"

// lowerPriority puts the calling thread, which must be locked to its goroutine, under SCHED_IDLE: any other thread that wakes up takes the
// processor from it at once, where a thread at nice 19 keeps it for the rest of its slice (sched(7)). When the system forbids it the thread
// keeps its priority; the pool is bounded all the same.
func lowerPriority() {
	_ = unix.SchedSetAttr(0, &unix.SchedAttr{Policy: unix.SCHED_IDLE}, 0)
}
