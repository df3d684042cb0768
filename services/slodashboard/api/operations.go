package api

import (
	"time"

	"deals.example/internal/platform"
)

// ServiceParams names a domain service.
type ServiceParams struct {
	Service FaultableService `path:"service"`
}

// FaultableService is the name of a domain service.
type FaultableService string

// Enum lists the services for the API's description.
func (FaultableService) Enum() []any {
	var names []any
	for _, name := range platform.Faultable() {
		names = append(names, name)
	}
	return names
}

// Fault is the synthetic fault of a domain service, as the service says.
type Fault struct {
	Service string `json:"service"`
	FaultGauge
	ForSeconds float64 `json:"forSeconds" description:"until the configured fault is back; 0: until changed"`
}

// FaultChange is any subset of a fault's members.
type FaultChange struct {
	LatencyMinMs *float64 `json:"latencyMinMs,omitempty" binding:"omitempty,min=0,max=30000" allowed:"0 to 30000 milliseconds" minimum:"0" maximum:"30000"`
	LatencyMaxMs *float64 `json:"latencyMaxMs,omitempty" binding:"omitempty,min=0,max=30000" allowed:"0 to 30000 milliseconds" minimum:"0" maximum:"30000"`
	FailureRate  *float64 `json:"failureRate,omitempty" binding:"omitempty,min=0,max=1" allowed:"0 to 1" minimum:"0" maximum:"1"`
	Blackhole    *bool    `json:"blackhole,omitempty" allowed:"true or false"`
	ForSeconds   *float64 `json:"forSeconds,omitempty" binding:"omitempty,min=0,max=86400" allowed:"0 (until changed) to 86400" minimum:"0" maximum:"86400"`
}

// Flame is the state of the flame graph comparison. One runs at a time.
type Flame struct {
	State     string       `json:"state" enum:"idle,running,failed,done"`
	Step      *FlameStep   `json:"step" description:"of the one that runs, else null"`
	StartedAt *time.Time   `json:"startedAt"`
	EndedAt   *time.Time   `json:"endedAt"`
	Error     string       `json:"error" description:"why the last one failed"`
	Report    *FlameReport `json:"report" description:"the last one that was made, else null"`
}

// FlameStep is how far a comparison is.
type FlameStep struct {
	Number     int     `json:"number" description:"from 1"`
	Of         int     `json:"of"`
	Name       string  `json:"name"`
	ElapsedSec float64 `json:"elapsedSec"`
	TakesSec   float64 `json:"takesSec" description:"0 when that is not known"`
	Goroutines int     `json:"goroutines" description:"of experience-api, while it is measured"`
	Runnable   int     `json:"runnable" description:"of these, those that wait for a processor"`
}

// FlameReport is the last report.
type FlameReport struct {
	MadeAt  time.Time   `json:"madeAt"`
	Title   string      `json:"title"`
	Meaning string      `json:"meaning" description:"what the numbers say, in one paragraph"`
	URL     string      `json:"url" description:"of the page with the flame graphs, to be framed"`
	Files   []FlameFile `json:"files" description:"what lies beside it, for download"`
	Rows    []FlameRow  `json:"rows"`
}

// FlameFile is a file of the report.
type FlameFile struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// FlameRow is a figure of both ways.
type FlameRow struct {
	ID     string  `json:"id"`
	Label  string  `json:"label"`
	Unit   string  `json:"unit"`
	Bad    float64 `json:"bad"`
	Good   float64 `json:"good"`
	Better string  `json:"better" enum:"lower,higher," description:"which way it improves; empty: neither"`
}

// Alerts are notifications of Alertmanager, kept in memory: they begin with the dashboard's process.
type Alerts struct {
	Limit  int        `json:"limit" description:"alerts that are kept"`
	Alerts []Notified `json:"alerts"`
}

// Notified is one alert of a notification.
type Notified struct {
	ReceivedAt  time.Time  `json:"receivedAt"`
	Status      string     `json:"status" enum:"firing,resolved"`
	Name        string     `json:"name"`
	Severity    string     `json:"severity"`
	Set         string     `json:"set"`
	Objective   string     `json:"objective"`
	Component   string     `json:"component"`
	Summary     string     `json:"summary"`
	StartsAt    time.Time  `json:"startsAt"`
	EndsAt      *time.Time `json:"endsAt" description:"null while it fires"`
	Fingerprint string     `json:"fingerprint"`
}

// Notification is the part of Alertmanager's webhook (version 4) that is kept.
type Notification struct {
	Version string              `json:"version" enum:"4"`
	Alerts  []NotificationAlert `json:"alerts"`
}

// NotificationAlert is an alert of a Notification.
type NotificationAlert struct {
	Status      string            `json:"status" enum:"firing,resolved"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	StartsAt    time.Time         `json:"startsAt"`
	EndsAt      time.Time         `json:"endsAt"`
	Fingerprint string            `json:"fingerprint"`
}

// Taken is how many alerts were kept.
type Taken struct {
	Taken int `json:"taken"`
}

// Links are the pages of the platform, those that are not there included.
type Links struct {
	Pages []Page `json:"pages"`
}

// Page is one of them.
type Page struct {
	ID        string         `json:"id" enum:"grafana,tempo,pyroscope,prometheus,alertmanager,queue-ui"`
	Label     string         `json:"label"`
	Available bool           `json:"available"`
	URL       string         `json:"url" description:"as browsers reach it; tempo has no page of its own, its traces are shown in Grafana"`
	Links     []LinkTemplate `json:"links" description:"into the page; only while it is available"`
}

// LinkTemplate is a URL with placeholders: {from} and {to} in Unix milliseconds, {service} a node's id, {trace} a trace id, {query} PromQL,
// {queue} a queue. Values are to be percent-encoded.
type LinkTemplate struct {
	ID    string `json:"id" description:"such as overview, traces, trace, profile, graph"`
	Label string `json:"label"`
	URL   string `json:"url"`
}

// Meta is about the dashboard itself.
type Meta struct {
	Version       string         `json:"version"`
	StartedAt     time.Time      `json:"startedAt"`
	Now           time.Time      `json:"now" description:"the clock of the server, for ages"`
	PollSec       float64        `json:"pollSec" description:"how often a page should ask"`
	TokenRequired bool           `json:"tokenRequired" description:"true: what changes something needs Authorization: Bearer <DASHBOARD_TOKEN>, since you call from another machine"`
	Locked        bool           `json:"locked" description:"true: from where you are nothing can be changed, since no token is set"`
	Prometheus    PrometheusMeta `json:"prometheus"`
	Services      []string       `json:"services" description:"whose faults can be changed"`
}

// PrometheusMeta is how Prometheus is.
type PrometheusMeta struct {
	OK     bool      `json:"ok"`
	Since  time.Time `json:"since" description:"of ok: of its answering; else of its last answer, or of our start when there was none"`
	Reason string    `json:"reason" description:"why not ok"`
}
