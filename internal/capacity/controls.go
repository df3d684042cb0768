package capacity

import (
	"fmt"

	"deals.example/internal/slots"
	"deals.example/lab/control"
)

// Controls returns what can be switched while the server runs.
func (s *Server) Controls() []control.Control { return []control.Control{s.queueControl()} }

// queueControl switches the discipline of the queue. Requests that wait already keep the patience that they came with.
func (s *Server) queueControl() control.Control {
	return control.Control{
		Name: "queue", Help: "how requests wait for a slot", Start: control.Setting{Option: string(s.start)},
		Options: []control.Option{
			{Name: string(slots.FIFO), Help: "first in, first out, as many as CAPACITY_QUEUE"},
			{Name: string(slots.Unbounded), Help: fmt.Sprintf("first in, first out, up to %d, which only bounds the memory", slots.MaxWaiting)},
			{Name: string(slots.LIFOCoDel), Help: "newest first while the queue does not empty, with a short wait at most (adaptive LIFO with CoDel)"},
		},
		Apply: func(wanted control.Setting) error {
			profile, err := s.profile.Configure(func(p Profile) Profile { p.Discipline = slots.Discipline(wanted.Option); return p })
			if err != nil {
				return err
			}
			s.pool.Apply(profile.Rules)
			return nil
		},
	}
}
