// Package stack runs several processes on one machine as one thing: it is what `deals up` does.
//
// Before anything starts, a lock on the state directory keeps a second stack out, and every port is tried, so that all
// conflicts are named at once. Each process then starts as soon as what it needs is ready. One that dies is started again
// after a growing pause. Its output is printed line by line under its name, and kept in full in a bounded file. The
// stack stops in the reverse order: a process gets SIGTERM once everything that needs it has ended, and SIGKILL when it
// has not ended after a grace period.
//
// No process outlives the stack. Each leads a process group of its own, so a terminal's Ctrl-C reaches only the stack,
// and what a process leaves behind in its group is killed with it. On Linux the kernel sends SIGTERM to every process
// when the stack itself is killed.
//
// The package knows nothing of what it runs: components, Redis and the servers of the lab are all a [Process].
package stack
