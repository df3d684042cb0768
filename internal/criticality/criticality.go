// Package criticality says how much a request matters, and carries that from hop to hop as W3C baggage. A server that has
// more requests than it can serve sheds the sheddable ones first and the critical ones last (Google, Site Reliability
// Engineering, "Handling Overload").
package criticality

import (
	"context"

	"go.opentelemetry.io/otel/baggage"
)

// Criticality is how much a request matters. A greater value matters more.
type Criticality int

// The levels, least critical first. The zero value is Default.
const (
	Sheddable Criticality = iota - 2 // work that can be done later: enrichment
	Low                              // what clients ask for again soon: lists
	Default                          // details, and whatever says nothing else
	Critical                         // purchases
)

// Levels is how many levels there are; [Criticality.Index] is below it.
const Levels = 4

const (
	header = "Baggage"     // W3C Baggage, https://www.w3.org/TR/baggage/
	member = "criticality" // the baggage member that holds the level
)

// All lists the levels, least critical first.
func All() []Criticality { return []Criticality{Sheddable, Low, Default, Critical} }

// Index returns the position of c in All.
func (c Criticality) Index() int { return int(c - Sheddable) }

// String returns the level as it is written in baggage and metric labels.
func (c Criticality) String() string {
	switch c {
	case Sheddable:
		return "sheddable"
	case Low:
		return "low"
	case Critical:
		return "critical"
	default:
		return "default"
	}
}

// Parse returns the level of that name, and whether there is one.
func Parse(name string) (Criticality, bool) {
	for _, c := range All() {
		if c.String() == name {
			return c, true
		}
	}
	return Default, false
}

type contextKey struct{}

// With returns a context whose requests have criticality c.
func With(ctx context.Context, c Criticality) context.Context {
	return context.WithValue(ctx, contextKey{}, c)
}

// From returns the criticality of ctx, Default when it has none.
func From(ctx context.Context) Criticality {
	c, _ := ctx.Value(contextKey{}).(Criticality)
	return c
}

// Carrier is the header of a request, or of a job.
type Carrier interface {
	Get(key string) string
	Set(key, value string)
}

// Inject puts the criticality of ctx into the baggage in header h, whose other members it keeps. The default level is written only over
// another one.
func Inject(ctx context.Context, h Carrier) {
	c := From(ctx)
	if said, _ := Extract(h); said == c {
		return
	}
	carried, _ := baggage.Parse(h.Get(header)) // what can't be parsed is not passed on
	level, err := baggage.NewMember(member, c.String())
	if err != nil {
		return
	}
	if with, err := carried.SetMember(level); err == nil {
		h.Set(header, with.String())
	}
}

// Extract returns the criticality in the baggage of h. ok is false when there is baggage that says something else than a
// level; the level is Default then, and when there is none.
func Extract(h Carrier) (c Criticality, ok bool) {
	text := h.Get(header)
	if text == "" {
		return Default, true
	}
	carried, err := baggage.Parse(text)
	if err != nil {
		return Default, false
	}
	value := carried.Member(member).Value()
	if value == "" {
		return Default, true
	}
	return Parse(value)
}
