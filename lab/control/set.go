package control

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// Set is the controls of one component. It may be used concurrently, but for Add.
type Set struct {
	component string
	logger    *slog.Logger
	info      *prometheus.GaugeVec
	changes   *prometheus.CounterVec
	controls  []*switched
}

// switched is a control with the setting in force.
type switched struct {
	Control

	mu      sync.Mutex
	current Setting
	until   time.Time   // when Start is back; zero if current stays
	restore *time.Timer // nil if current stays
}

// NewSet returns a set without controls.
func NewSet(component string, logger *slog.Logger, registry prometheus.Registerer) *Set {
	factory, label := promauto.With(registry), prometheus.Labels{"component": component}
	return &Set{
		component: component, logger: logger,
		info: factory.NewGaugeVec(prometheus.GaugeOpts{
			Name: "deals_control_info", Help: "1 for the option in force of each control that can be switched while the component runs.", ConstLabels: label,
		}, []string{"control", "option"}),
		changes: factory.NewCounterVec(prometheus.CounterOpts{
			Name: "deals_control_changes_total", Help: "Switches of a control, those back to its start included.", ConstLabels: label,
		}, []string{"control"}),
	}
}

// Add adds a control, which is in force as it starts: Apply is not called. It must not be called after the component has started.
func (s *Set) Add(c Control) error {
	if err := c.check(); err != nil {
		return err
	}
	if s.find(c.Name) != nil {
		return fmt.Errorf("control %q: declared twice", c.Name)
	}
	s.controls = append(s.controls, &switched{Control: c, current: c.Start})
	s.info.WithLabelValues(c.Name, c.Start.Option).Set(1)
	s.changes.WithLabelValues(c.Name)
	return nil
}

func (s *Set) find(name string) *switched {
	i := slices.IndexFunc(s.controls, func(c *switched) bool { return c.Name == name })
	if i < 0 {
		return nil
	}
	return s.controls[i]
}

// switchTo puts a setting in force for d, or until the next change if d is 0.
func (s *Set) switchTo(ctx context.Context, c *switched, wanted Setting, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := s.apply(ctx, c, wanted); err != nil {
		return err
	}
	if c.restore != nil {
		c.restore.Stop()
		c.restore, c.until = nil, time.Time{}
	}
	if d > 0 && wanted != c.Start {
		until := time.Now().Add(d)
		c.until = until
		lasting := context.WithoutCancel(ctx)
		c.restore = time.AfterFunc(d, func() { s.expire(lasting, c, until) })
	}
	return nil
}

// expire puts the start back, unless the setting was changed meanwhile.
func (s *Set) expire(ctx context.Context, c *switched, until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.until.Equal(until) {
		return
	}
	c.restore, c.until = nil, time.Time{}
	_ = s.apply(ctx, c, c.Start) // it has logged the failure
}

// apply calls Apply, unless the setting is in force already. c.mu must be held.
func (s *Set) apply(ctx context.Context, c *switched, wanted Setting) error {
	if wanted == c.current {
		return nil
	}
	if err := c.Apply(wanted); err != nil {
		s.logger.ErrorContext(ctx, "control not switched", "control", c.Name, "option", wanted.String(), "error", err)
		return fmt.Errorf("control %s: %w", c.Name, err)
	}
	s.logger.InfoContext(ctx, "control switched", "control", c.Name, "from", c.current.String(), "to", wanted.String())
	s.info.DeleteLabelValues(c.Name, c.current.Option)
	s.info.WithLabelValues(c.Name, wanted.Option).Set(1)
	s.changes.WithLabelValues(c.Name).Inc()
	c.current = wanted
	return nil
}

// Close stops the timers. Settings stay as they are.
func (s *Set) Close() {
	for _, c := range s.controls {
		c.mu.Lock()
		if c.restore != nil {
			c.restore.Stop()
		}
		c.mu.Unlock()
	}
}
