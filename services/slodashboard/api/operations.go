package api

import (
	"time"

	"deals.example/internal/capacity"
	"deals.example/internal/fault"
	"deals.example/internal/platform"
	"deals.example/internal/slots"
	"deals.example/lab/control"
)

// ServiceParams names a domain service.
type ServiceParams struct {
	Service FaultableService `path:"service"`
}

// FaultableService is the name of a domain service.
type FaultableService string

// Enum lists the services for the API's description.
func (FaultableService) Enum() []any { return anys(platform.Faultable()) }

func anys(names []string) []any {
	var all []any
	for _, name := range names {
		all = append(all, name)
	}
	return all
}

// Replicated says how many processes have the same settings.
type Replicated struct {
	Replicas int `json:"replicas" description:"processes of the component that have these settings: all of them"`
}

// Count implements admin.Counted.
func (r *Replicated) Count(replicas int) { r.Replicas = replicas }

// Fault is the synthetic fault of a domain service, as the service reports it.
type Fault struct {
	Service string `json:"service"`
	Replicated
	FaultGauge
	ForSeconds float64 `json:"forSeconds" description:"time until the configured fault is restored; 0: no limit"`
}

// FaultChange is any subset of a fault's fields.
type FaultChange fault.Change

// Capacity is the capacity of a domain service, as the service reports it.
type Capacity struct {
	Service string `json:"service"`
	Replicated
	Capacity   int                `json:"capacity" description:"requests served at a time"`
	Queue      int                `json:"queue" description:"requests that may wait; the discipline unbounded ignores it"`
	Discipline slots.Discipline   `json:"discipline" enum:"fifo,unbounded,lifo-codel"`
	SlowAbove  float64            `json:"slowAbove" description:"share of busy slots, 0 to 1, above which the service slows down; 1: never"`
	Slowdown   float64            `json:"slowdown" description:"factor of the service time when all slots are busy"`
	Abandoned  capacity.Abandoned `json:"abandoned" enum:"drop,serve" description:"what becomes of requests whose caller has gone"`
	ForSeconds float64            `json:"forSeconds" description:"time until the configured capacity is restored; 0: no limit"`
	Busy       int                `json:"busy" description:"requests that are being served"`
	Waiting    int                `json:"waiting" description:"requests that wait for a slot"`
}

// CapacityChange is any subset of the settings of a Capacity.
type CapacityChange capacity.Change

// ControlsParams names a component.
type ControlsParams struct {
	Component string `path:"component" pattern:"^[a-z0-9-]{1,64}$"`
}

// Controls is the controls of a component, as the component reports them.
type Controls struct {
	Component string `json:"component"`
	Replicated
	Controls []Control `json:"controls"`
}

// Control is a policy that can be switched while its component runs.
type Control struct {
	Name       string          `json:"name"`
	Help       string          `json:"help" description:"what it decides"`
	Option     string          `json:"option" description:"in force, such as static=30"`
	Start      string          `json:"start" description:"in force after a start of the component"`
	ForSeconds float64         `json:"forSeconds" description:"time until start is back; 0: no limit"`
	Options    []ControlOption `json:"options" description:"those that can be in force"`
}

// ControlOption is an option of a control.
type ControlOption struct {
	Name string `json:"name"`
	Help string `json:"help" description:"may be empty"`
	Min  int    `json:"min" description:"lower bound of the number that follows the name"`
	Max  int    `json:"max" description:"upper bound of the number that follows the name; 0: no number follows"`
}

// ControlChange switches a control.
type ControlChange control.Change

// Switches is the latest switches of controls, by whomever.
type Switches struct {
	Switches []Switch `json:"switches" description:"oldest first; at most the 100 latest"`
}

// Switch is a switch of a control, also back to its start.
type Switch struct {
	At        time.Time `json:"at" description:"when Prometheus saw it first"`
	Component string    `json:"component"`
	Control   string    `json:"control"`
	Option    string    `json:"option" description:"in force from then on, without its number"`
}

// Flame is the state of the flame graph comparison. One runs at a time.
type Flame struct {
	State     string       `json:"state" enum:"idle,running,failed,done"`
	Step      *FlameStep   `json:"step" description:"current step; null unless running"`
	StartedAt *time.Time   `json:"startedAt"`
	EndedAt   *time.Time   `json:"endedAt"`
	Error     string       `json:"error" description:"why the last comparison failed"`
	Report    *FlameReport `json:"report" description:"the last report, else null"`
}

// FlameStep is the progress of a comparison.
type FlameStep struct {
	Number     int     `json:"number" description:"from 1"`
	Of         int     `json:"of"`
	Name       string  `json:"name"`
	ElapsedSec float64 `json:"elapsedSec"`
	TakesSec   float64 `json:"takesSec" description:"0 if unknown"`
	Goroutines int     `json:"goroutines" description:"goroutines of experience-api during the measurement"`
	Runnable   int     `json:"runnable" description:"goroutines that wait for a processor"`
}

// FlameReport is the last report.
type FlameReport struct {
	MadeAt  time.Time   `json:"madeAt"`
	Title   string      `json:"title"`
	Meaning string      `json:"meaning" description:"what the numbers mean, in one paragraph"`
	URL     string      `json:"url" description:"URL of the page with the flame graphs"`
	Files   []FlameFile `json:"files" description:"other files of the report"`
	Rows    []FlameRow  `json:"rows"`
}

// FlameFile is a file of the report.
type FlameFile struct {
	Name string `json:"name"`
	URL  string `json:"url"`
}

// FlameRow is a number of both sides.
type FlameRow struct {
	ID     string  `json:"id"`
	Label  string  `json:"label"`
	Unit   string  `json:"unit"`
	Bad    float64 `json:"bad"`
	Good   float64 `json:"good"`
	Better string  `json:"better" enum:"lower,higher," description:"which direction is better; empty: neither"`
}

// Alerts holds the alerts received from Alertmanager. They are kept in memory only.
type Alerts struct {
	Limit  int        `json:"limit" description:"maximum number of alerts kept"`
	Alerts []Notified `json:"alerts"`
}

// Notified is an alert of a notification.
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

// Notification is the used part of Alertmanager's webhook body (version 4).
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

// Taken is the number of alerts received.
type Taken struct {
	Taken int `json:"taken"`
}

// Links holds all pages of the platform, available or not.
type Links struct {
	Pages []Page `json:"pages"`
}

// PageID is the name of a part that has a page.
type PageID string

// Enum lists the pages for the API's description.
func (PageID) Enum() []any { return anys(platform.Pages()) }

// Page is a page of the platform.
type Page struct {
	ID        PageID         `json:"id"`
	Label     string         `json:"label"`
	Available bool           `json:"available"`
	URL       string         `json:"url" description:"as browsers reach it; for tempo Grafana's, which shows its traces"`
	Links     []LinkTemplate `json:"links" description:"links into the page; empty unless it is available"`
}

// LinkTemplate is a URL with placeholders: {from} and {to} in Unix milliseconds, {service} a node's id, {trace} a trace id, {query} PromQL,
// {queue} a queue. Values must be percent-encoded.
type LinkTemplate struct {
	ID    string `json:"id" description:"such as overview, traces, trace, profile, graph"`
	Label string `json:"label"`
	URL   string `json:"url"`
}

// Meta describes the dashboard itself.
type Meta struct {
	Version       string         `json:"version"`
	StartedAt     time.Time      `json:"startedAt"`
	Now           time.Time      `json:"now" description:"the server's clock, to compute ages"`
	PollSec       float64        `json:"pollSec" description:"poll interval of the page"`
	TokenRequired bool           `json:"tokenRequired" description:"true: the caller is on another machine, so changes need Authorization: Bearer <ADMIN_TOKEN>"`
	Locked        bool           `json:"locked" description:"true: the caller is on another machine and no token is set, so nothing can be changed"`
	Prometheus    PrometheusMeta `json:"prometheus"`
	Services      []string       `json:"services" description:"services whose faults can be changed"`
	Controlled    []string       `json:"controlled" description:"components whose controls can be switched"`
}

// PrometheusMeta is the state of Prometheus.
type PrometheusMeta struct {
	OK     bool      `json:"ok"`
	Since  time.Time `json:"since" description:"if ok, the first answer since the last failure; else the last answer, or the start of the dashboard if there was none"`
	Reason string    `json:"reason" description:"reason if not ok"`
}
