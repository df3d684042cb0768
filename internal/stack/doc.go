// Package stack runs several processes on one machine for `deals up`.
//
// Run first locks the state directory, so that a second stack cannot use it, and binds every address once, so that all conflicts are
// reported together. A process starts when its dependencies are ready, and is restarted after a growing pause when it exits. Its output is
// printed line by line under its name and written to a log file of limited size. The stack stops in the reverse order: a process
// gets SIGTERM after the processes that depend on it have ended, and SIGKILL after a grace period.
//
// No process outlives the stack. Each process leads its own process group, so that Ctrl-C in a terminal signals only the stack. When a
// process ends, its group is killed. On Linux the kernel sends SIGTERM to every process when the stack is killed.
//
// The package is independent of the components: a [Process] is any program.
package stack
