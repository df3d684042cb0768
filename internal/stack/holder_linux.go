package stack

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"
)

const (
	stateListen    = "0A" // TCP_LISTEN in include/net/tcp_states.h
	maxCommandText = 80   // characters
)

// portHolder describes the process that listens on the port of address. It returns "" if this user cannot see it.
func portHolder(address string) string {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return ""
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return ""
	}
	sockets := make(map[string]bool)
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		addListeners(sockets, table, number)
	}
	if len(sockets) == 0 {
		return ""
	}
	return socketOwner(sockets)
}

// addListeners adds the sockets of a table in /proc/net that listen on port, in the format of the links in /proc/<pid>/fd.
func addListeners(sockets map[string]bool, table string, port uint64) {
	const local, state, inode = 1, 3, 9
	text, err := os.ReadFile(table) //nolint:gosec // G304: one of two fixed paths
	if err != nil {
		return
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) <= inode || fields[state] != stateListen {
			continue
		}
		_, hex, _ := strings.Cut(fields[local], ":")
		if bound, err := strconv.ParseUint(hex, 16, 16); err == nil && bound == port {
			sockets["socket:["+fields[inode]+"]"] = true
		}
	}
}

func socketOwner(sockets map[string]bool) string {
	descriptors, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		return ""
	}
	for _, descriptor := range descriptors {
		if target, err := os.Readlink(descriptor); err == nil && sockets[target] {
			pid := strings.Split(descriptor, "/")[2]
			return fmt.Sprintf("pid %s (%s)", pid, commandOf(pid))
		}
	}
	return ""
}

// commandOf returns the start of a process's command line without control characters.
func commandOf(pid string) string {
	text, err := os.ReadFile(filepath.Join("/proc", pid, "cmdline")) //nolint:gosec // G304: pid was read from /proc
	if err != nil {
		return "command unknown"
	}
	command := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.Trim(string(text), "\x00"))
	if runes := []rune(command); len(runes) > maxCommandText {
		return string(runes[:maxCommandText]) + "…"
	}
	return command
}
