package hash

import "golang.org/x/sys/unix"

// lowerPriority lowers the priority of the calling thread, which must be locked to its goroutine. On Linux the nice value is per thread,
// unlike in POSIX. When the system forbids it the thread keeps its priority; the pool is bounded all the same.
func lowerPriority(nice int) {
	_ = unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), nice)
}
