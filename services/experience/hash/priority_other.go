//go:build !linux

package hash

// lowerPriority does nothing where a thread has no priority of its own.
func lowerPriority() {}
