// Package machine runs a command on a machine of its own within this one: with its own network, processes, mounts, control groups and host
// name. Whatever the command starts or mounts ends with it, and it ends with the process that started it, however that ends.
//
// The program that calls Start must call Main first, since the stages of a machine are processes of the same program.
package machine

import (
	"errors"
	"os"
)

// Address is the machine's own address. Nothing outside has a route to it.
const Address = "10.99.0.1"

// ErrUnsupported is returned where a machine can't be made. It says why.
var ErrUnsupported = errors.New("a machine within this one can't be made here")

// State is a folder in use. Nobody else can use it until it is removed.
type State struct {
	Path string // absolute

	lock *os.File
}

// Config says what runs on the machine.
type Config struct {
	// Name is that of its control groups. Two machines must not have the same.
	Name string
	// State is for everything that the machine writes. It is removed when the machine ends.
	State *State
	// Command is a program, as a path, with its arguments.
	Command []string
	// Files are open in the command as descriptors from 3 on. A socket among them stays in the network of its maker.
	Files []*os.File
}
