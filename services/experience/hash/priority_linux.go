package hash

import "golang.org/x/sys/unix"

// lowerPriority makes the calling thread, which must be locked to its goroutine, yield to others. On Linux a priority is a
// thread's, whatever POSIX says. A system that forbids it leaves the thread as it is: the pool is bounded all the same.
func lowerPriority(nice int) {
	_ = unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), nice)
}
