package k6

import "syscall"

// attributes put k6 into a process group of its own, and have the kernel end it when the thread that started it ends: it must not go on
// when this process is killed.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
