package view

import (
	"fmt"
	"math"
	"reflect"
	"strings"

	"deals.example/services/slodashboard/api"
	"deals.example/services/slodashboard/prom"
)

// Factors from Prometheus' units, seconds and ratios, to those of the API.
const (
	asIs    = 1
	percent = 100
	millis  = 1000
)

// curve is a query whose value or history is shown.
type curve struct {
	name   string // JSON name of the field that holds the value
	query  prom.Query
	scale  float64
	labels []string // of the series: names and values in turn
}

// of returns what the curve describes, such as a queue, if several curves have the same name.
func (c curve) of() string {
	if len(c.labels) == 0 {
		return ""
	}
	return c.labels[len(c.labels)-1]
}

// measure is a curve whose current value is written to a field of T.
type measure[T any] struct {
	curve

	put func(answer *T, value float64)
}

type measures[T any] []measure[T]

// number returns a measure of a field that is null if the query has no finite value.
func number[T any](field func(*T) **float64, query prom.Query, scale float64, labels ...string) measure[T] {
	return measure[T]{
		curve: curve{fieldName(func(answer *T) any { return field(answer) }), query, scale, labels},
		put: func(answer *T, value float64) {
			if !math.IsInf(value, 0) {
				*field(answer) = &value
			}
		},
	}
}

// seconds returns a measure of a field that may be infinite.
func seconds[T any](field func(*T) **api.Seconds, query prom.Query, labels ...string) measure[T] {
	return measure[T]{
		curve: curve{fieldName(func(answer *T) any { return field(answer) }), query, asIs, labels},
		put:   func(answer *T, value float64) { *field(answer) = new(api.Seconds(value)) },
	}
}

// other returns a measure of a field that is not a nullable number. It has no history.
func other[T any](put func(*T, float64), query prom.Query, scale float64, labels ...string) measure[T] {
	return measure[T]{curve{query: query, scale: scale, labels: labels}, put}
}

// fieldName returns the JSON name of the field of T that a function points to.
func fieldName[T any](field func(*T) any) string {
	answer := new(T)
	at := reflect.ValueOf(field(answer)).Pointer()
	for _, f := range reflect.VisibleFields(reflect.TypeFor[T]()) {
		value := reflect.ValueOf(answer).Elem().FieldByIndex(f.Index)
		if !f.Anonymous && value.Addr().Pointer() == at {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			return name
		}
	}
	panic(fmt.Sprintf("not a field of %T", *answer))
}

func (ms measures[T]) queries() []prom.Query {
	queries := make([]prom.Query, len(ms))
	for i, m := range ms {
		queries[i] = m.query
	}
	return queries
}

func (ms measures[T]) curves() []curve {
	curves := make([]curve, len(ms))
	for i, m := range ms {
		curves[i] = m.curve
	}
	return curves
}

// reading is the value of a measure.
type reading struct {
	name  string
	value float64
}

// fill writes the values of a snapshot to answer and returns them.
func (ms measures[T]) fill(answer *T, snapshot prom.Snapshot) []reading {
	var readings []reading
	for _, m := range ms {
		if value := snapshot.ValueOrInf(m.query, m.labels...); value != nil {
			scaled := *value * m.scale
			m.put(answer, scaled)
			readings = append(readings, reading{m.name, scaled})
		}
	}
	return readings
}
