package stack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
)

// PortsTaken reports addresses that processes cannot bind.
type PortsTaken struct {
	Conflicts []Conflict
}

// Conflict is an address that a process cannot bind.
type Conflict struct {
	Process string // name of the process that needs the address
	Address string // host:port
	Holder  string // process that uses it, such as "pid 42 (redis-server *:6379)"; "" if unknown
	Err     error  // error of binding
}

func (e *PortsTaken) Error() string {
	lines := make([]string, len(e.Conflicts))
	for i, c := range e.Conflicts {
		lines[i] = c.String()
	}
	return strings.Join(lines, "\n")
}

// String names the process, the address and the process that uses it.
func (c Conflict) String() string {
	switch {
	case !errors.Is(c.Err, syscall.EADDRINUSE):
		return fmt.Sprintf("%s cannot bind %s: %v", c.Process, c.Address, c.Err)
	case c.Holder == "":
		return fmt.Sprintf("%s cannot bind %s: it is used by a process that this user cannot see", c.Process, c.Address)
	default:
		return fmt.Sprintf("%s cannot bind %s: it is used by %s", c.Process, c.Address, c.Holder)
	}
}

// checkPorts binds and releases every address. It returns a *[PortsTaken] with all conflicts.
func checkPorts(ctx context.Context, processes []Process) error {
	var conflicts []Conflict
	for _, p := range processes {
		if p.Path == "" || p.Address == "" {
			continue
		}
		if err := tryBind(ctx, p.Address); err != nil {
			conflicts = append(conflicts, Conflict{Process: p.Name, Address: p.Address, Holder: portHolder(p.Address), Err: err})
		}
	}
	if len(conflicts) == 0 {
		return nil
	}
	return &PortsTaken{Conflicts: conflicts}
}

func tryBind(ctx context.Context, address string) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	return listener.Close()
}
