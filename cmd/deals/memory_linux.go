package main

import (
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"syscall"
)

// forgetStart gives back the memory that only the start of the process needed. Most of it is pages of the executable: one
// program is every component, so each process runs the init functions of all, over the whole of its code. The pages are
// read-only and stay in the kernel's cache, which all processes share; one that is needed again is mapped again.
func forgetStart() {
	debug.FreeOSMemory()
	self, err := os.Executable()
	if err != nil {
		return
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return
	}
	for line := range strings.Lines(string(maps)) {
		var start, end uintptr
		var mode string
		if !strings.HasSuffix(line, " "+self+"\n") {
			continue
		}
		if _, err := fmt.Sscanf(line, "%x-%x %s", &start, &end, &mode); err == nil && !strings.Contains(mode, "w") {
			_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, start, end-start, syscall.MADV_DONTNEED) // or it stays as it is
		}
	}
}
