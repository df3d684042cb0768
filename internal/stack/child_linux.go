package stack

import "syscall"

// attributes put a child into a process group of its own, and have the kernel ask it to end when the thread that
// started it ends: see launcher.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
