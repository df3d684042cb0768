package capacity

import (
	"fmt"
	"time"

	"deals.example/internal/slots"
	"deals.example/lab/control"
)

// Options of the control limit.
const (
	limitCapacity = "capacity"
	limitAdaptive = "adaptive"
)

// The adaptive limit starts low and finds its value within a tenth of a second. A few requests may wait for a moment. Of those that
// wait, the most critical one gets the next place.
const (
	startLimit    = 20
	limitQueue    = 16
	limitPatience = 50 * time.Millisecond
)

// Controls returns what can be switched while the server runs.
func (s *Server) Controls() []control.Control {
	return []control.Control{s.queueControl(), s.limitControl()}
}

// queueControl switches the discipline of the queue. Requests that wait already keep the patience that they came with.
func (s *Server) queueControl() control.Control {
	return control.Control{
		Name: "queue", Help: "how requests wait for a slot", Start: control.Setting{Option: string(s.start)},
		Options: []control.Option{
			{Name: string(slots.FIFO), Help: "first in, first out, as many as CAPACITY_QUEUE"},
			{
				Name: string(slots.Unbounded),
				Help: fmt.Sprintf("first in, first out, up to %d, which only bounds the memory", slots.MaxWaiting),
			},
			{
				Name: string(slots.LIFOCoDel),
				Help: "newest first while the queue does not empty, with a short wait at most (adaptive LIFO with CoDel)",
			},
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

// limitControl switches what bounds the requests inside the server. Requests inside leave as they came.
func (s *Server) limitControl() control.Control {
	return control.Control{
		Name: "limit", Help: "how many requests are let in, to be served or to wait for a slot",
		Start: control.Setting{Option: limitCapacity},
		Options: []control.Option{
			{Name: limitCapacity, Help: "as many as the capacity and its queue take"},
			{
				Name: limitAdaptive,
				Help: fmt.Sprintf("a limit that follows the utilization, so that none waits for long; %d more may wait for it, for %s",
					limitQueue, limitPatience),
			},
		},
		Apply: func(wanted control.Setting) error {
			s.limited.Store(wanted.Option == limitAdaptive)
			return nil
		},
	}
}
