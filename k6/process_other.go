//go:build !linux

package k6

import "syscall"

// attributes put k6 into a process group of its own. Only Linux can also tie its life to its parent's.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
