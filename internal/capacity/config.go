package capacity

import (
	"time"

	"deals.example/internal/settings"
	"deals.example/internal/slots"
)

// Config is the capacity of a service at its start.
type Config struct {
	Slots      int
	Queue      int
	Discipline slots.Discipline
	Target     time.Duration
	Interval   time.Duration
	SlowAbove  float64
	Slowdown   float64
	Abandoned  Abandoned
}

// Declare implements settings.Declarer.
func (c *Config) Declare(s *settings.Set) {
	s.Int(&c.Slots, "CAPACITY", 128).Between(1, maxSlots).
		Help("requests that a domain service serves at a time")
	s.Int(&c.Queue, "CAPACITY_QUEUE", 256).Between(0, maxQueue).
		Help("requests that may wait for a slot; more are answered with 503 overloaded")
	s.Text((*string)(&c.Discipline), "CAPACITY_DISCIPLINE", string(slots.FIFO)).OneOf(slots.DisciplineNames()...).
		Help("how requests wait: first in, first out; the same with no bound but that of memory; or adaptive LIFO with controlled delay")
	s.Duration(&c.Target, "CAPACITY_CODEL_TARGET", 5*time.Millisecond).Between(time.Millisecond, 10*time.Second).
		Help("lifo-codel: longest wait while the queue is never empty")
	s.Duration(&c.Interval, "CAPACITY_CODEL_INTERVAL", 100*time.Millisecond).Between(time.Millisecond, time.Minute).
		Help("lifo-codel: longest wait otherwise, and how long a queue may go without being empty")
	s.Float(&c.SlowAbove, "CAPACITY_SLOW_ABOVE", 1).Between(0, 1).
		Help("share of busy slots above which the service slows down; 1 means never")
	s.Float(&c.Slowdown, "CAPACITY_SLOWDOWN", 1).Between(1, maxSlowdown).
		Help("factor of the service time when all slots are busy")
	s.Text((*string)(&c.Abandoned), "CAPACITY_ABANDONED", string(Drop)).OneOf(string(Drop), string(Serve)).
		Help("what becomes of requests that came with a deadline and whose caller has gone or has no time left")
}

// Bounds of the settings, at the start and while running.
const (
	maxSlots    = 100_000
	maxQueue    = 1_000_000
	maxSlowdown = 100
)

func (c Config) profile() Profile {
	return Profile{
		Rules:     slots.Rules{Slots: c.Slots, Queue: c.Queue, Discipline: c.Discipline, Target: c.Target, Interval: c.Interval},
		SlowAbove: c.SlowAbove, Slowdown: c.Slowdown, Abandoned: c.Abandoned,
	}
}
