//go:build !linux

package machine

import "fmt"

// Machine is a running machine.
type Machine struct{}

// Check returns ErrUnsupported.
func Check() error { return fmt.Errorf("%w: it takes Linux", ErrUnsupported) }

// Main does nothing.
func Main([]string) {}

// NewState returns ErrUnsupported.
func NewState(string) (*State, error) { return nil, Check() }

// Remove does nothing.
func (*State) Remove() error { return nil }

// Start returns ErrUnsupported.
func Start(Config) (*Machine, error) { return nil, Check() }

// Done returns nil.
func (*Machine) Done() <-chan struct{} { return nil }

// Stop does nothing.
func (*Machine) Stop() error { return nil }
