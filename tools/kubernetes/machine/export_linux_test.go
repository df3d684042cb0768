package machine

// Unlock gives the state's lock back, as the end of its process does.
func Unlock(s *State) { _ = s.lock.Close() }
