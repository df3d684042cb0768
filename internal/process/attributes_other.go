//go:build !linux

package process

import "syscall"

// Only Linux can tie a process to its parent.
func attributes(syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
