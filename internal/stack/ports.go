package stack

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
)

// PortsTaken is the error of a start whose processes can't all bind their addresses.
type PortsTaken struct {
	Conflicts []Conflict
}

// Conflict is one address that a process can't bind.
type Conflict struct {
	Process string // name of the process that needs the address
	Address string // host:port
	Holder  string // who has it, such as "pid 42, redis-server *:6379"; empty when that can't be seen
	Err     error  // what binding it said
}

func (e *PortsTaken) Error() string {
	lines := make([]string, len(e.Conflicts))
	for i, c := range e.Conflicts {
		lines[i] = c.String()
	}
	return strings.Join(lines, "\n")
}

// String names the process, the address and, when it can be seen, who has the address.
func (c Conflict) String() string {
	switch {
	case !errors.Is(c.Err, syscall.EADDRINUSE):
		return fmt.Sprintf("%s can't bind %s: %v", c.Process, c.Address, c.Err)
	case c.Holder == "":
		return fmt.Sprintf("%s can't bind %s: a process that this user can't see has it", c.Process, c.Address)
	default:
		return fmt.Sprintf("%s can't bind %s: %s has it", c.Process, c.Address, c.Holder)
	}
}

// checkPorts binds every address for a moment, and returns all that can't be bound as one *[PortsTaken].
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
