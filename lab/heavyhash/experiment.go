// Package heavyhash measures what heavy hashes cost everybody else. It computes them the bad way, on the goroutines of their requests, and
// then the good way, on a bounded pool of threads, both under the same load of lists, and compares profiles and figures of both in a report.
package heavyhash

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/pprof/profile"

	"deals.example/internal/flame"
	"deals.example/k6"
)

// Limits of a Config. A component answers no request for longer than a minute and a half.
const (
	MinDuration = time.Second
	MaxDuration = time.Minute
	MaxLists    = 2000
	MaxHashes   = 200
)

// Defaults that show the difference clearly on a few processors within a minute.
const (
	DefaultDuration = 15 * time.Second
	DefaultLists    = 200
	DefaultHashes   = 8
)

const (
	defaultWarmUp = 4 * time.Second
	defaultLead   = 3 * time.Second
	sampleEvery   = 500 * time.Millisecond
	patience      = 30 * time.Second // for the answers of a busy target
)

// The modes of the load tool: the two that are compared, and the one that runs beside both.
const (
	modeLists = "deals"
	modeBad   = "hash-bad"
	modeGood  = "hash-good"
)

// ErrConfig is returned when the settings of a Config are invalid, or its target is no experience API.
var ErrConfig = errors.New("invalid setting")

// Config is what Run measures.
type Config struct {
	Target       string        // URL of the experience API
	Token        string        // that the target asks for from another machine; optional
	Runner       *k6.Runner    // with the same target
	Duration     time.Duration // of each profile, MinDuration to MaxDuration, in whole seconds
	Lists        int           // lists read per second
	Hashes       int           // concurrent clients that request hashes
	WarmUp       time.Duration // of lists alone, so that both sides find warm caches; default 4 s
	Lead         time.Duration // of the load before each profile, in which k6 starts and queues build up; default 3 s
	Dir          string        // of the report; must not exist
	PyroscopeURL string        // where the target pushes its profiles; optional
}

// Step is the progress of Run.
type Step struct {
	Number, Of     int
	Name           string
	Elapsed, Takes time.Duration // of the step; Elapsed is 0 at its start, Takes is 0 when unknown
	Goroutines     int           // of the target, while it is measured
	Runnable       int           // of these, the ones that wait for a processor
}

const steps = 4

// Run measures both ways and writes the report. It calls progress at least once per second, never concurrently. When ctx ends, Run stops
// the load and leaves no report.
//
// A target takes one Run at a time: each loads it fully, and a process can take only one CPU profile at a time.
func Run(ctx context.Context, cfg Config, progress func(Step)) (flame.Report, error) {
	d, err := newDriver(cfg, progress)
	if err != nil {
		return flame.Report{}, err
	}
	defer d.client.CloseIdleConnections()
	if err := d.checkTarget(ctx); err != nil {
		return flame.Report{}, err
	}
	d.begin("warm up", d.cfg.WarmUp)
	if _, err := d.underLoad(ctx, []load{d.lists()}, d.warm); err != nil {
		return flame.Report{}, err
	}
	bad, err := d.measure(ctx, modeBad)
	if err != nil {
		return flame.Report{}, err
	}
	good, err := d.measure(ctx, modeGood)
	if err != nil {
		return flame.Report{}, err
	}
	d.begin("write the report", 0)
	return d.report(ctx, bad, good)
}

// driver is one call of Run.
type driver struct {
	cfg    Config
	target string
	client *http.Client
	tell   func(Step)
	step   Step
	began  time.Time
}

func newDriver(cfg Config, progress func(Step)) (*driver, error) {
	if err := errors.Join(cfg.faults()...); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	cfg.WarmUp, cfg.Lead = cmp.Or(cfg.WarmUp, defaultWarmUp), cmp.Or(cfg.Lead, defaultLead)
	if progress == nil {
		progress = func(Step) {}
	}
	return &driver{
		cfg: cfg, target: strings.TrimSuffix(cfg.Target, "/"), tell: progress, step: Step{Of: steps},
		client: &http.Client{Transport: &http.Transport{}, Timeout: cfg.Duration + patience},
	}, flame.CheckDir(cfg.Dir)
}

// faults returns everything that is wrong with the settings.
func (c Config) faults() []error {
	var faults []error
	refuse := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if target, err := url.Parse(c.Target); err != nil || target.Host == "" {
		refuse("target: got %q, want a URL such as http://127.0.0.1:3000", c.Target)
	}
	if c.Runner == nil {
		refuse("runner is missing: k6 makes the load")
	}
	if c.Duration < MinDuration || c.Duration > MaxDuration || c.Duration%time.Second != 0 {
		refuse("duration: got %s, want %s to %s in whole seconds", c.Duration, MinDuration, MaxDuration)
	}
	if c.Lists < 1 || c.Lists > MaxLists {
		refuse("lists: got %d, want 1 to %d", c.Lists, MaxLists)
	}
	if c.Hashes < 1 || c.Hashes > MaxHashes {
		refuse("hashes: got %d, want 1 to %d", c.Hashes, MaxHashes)
	}
	return faults
}

// begin reports the start of the next step.
func (d *driver) begin(name string, takes time.Duration) {
	d.step = Step{Number: d.step.Number + 1, Of: steps, Name: name, Takes: takes}
	d.began = time.Now()
	d.tell(d.step)
}

// progress reports the progress of the current step.
func (d *driver) progress(goroutines, runnable int) {
	d.step.Elapsed, d.step.Goroutines, d.step.Runnable = time.Since(d.began), goroutines, runnable
	d.tell(d.step)
}

// checkTarget checks that the target is an experience API before any load is sent to it.
func (d *driver) checkTarget(ctx context.Context) error {
	metrics, err := d.scrape(ctx)
	if err != nil {
		return err
	}
	if component := metrics.label("target_info", "service_name"); component != "experience-api" {
		return fmt.Errorf("%w: target: got %q at %s, want an experience-api", ErrConfig, component, d.target)
	}
	if metrics.histogram(schedulerLatencies) == nil {
		return fmt.Errorf("%s/metrics has no %s", d.target, schedulerLatencies)
	}
	return nil
}

// pause waits and reports progress every second.
func (d *driver) pause(ctx context.Context, length time.Duration) error {
	timer, ticker := time.NewTimer(length), time.NewTicker(time.Second)
	defer timer.Stop()
	defer ticker.Stop()
	for {
		select {
		case <-timer.C:
			return nil
		case <-ticker.C:
			d.progress(0, 0)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (d *driver) warm(ctx context.Context) error { return d.pause(ctx, d.cfg.WarmUp) }

// profile takes a profile of the target.
func (d *driver) profile(ctx context.Context, path string) (*profile.Profile, error) {
	data, err := d.get(ctx, path, flame.MaxProfile)
	if err != nil {
		return nil, err
	}
	p, err := flame.ReadProfile(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s%s: %w", d.target, path, err)
	}
	return p, nil
}

func (d *driver) report(ctx context.Context, bad, good *evidence) (flame.Report, error) {
	links, missing := d.pyroscope(ctx, bad, good)
	c := flame.Comparison{
		Dir: d.cfg.Dir, Title: modeBad + " against " + modeGood, SampleType: "cpu", Rows: rows(bad, good), Pyroscope: links,
		Base:    flame.Input{Label: modeBad, Profile: bad.cpu, Goroutines: bad.goroutines},
		Compare: flame.Input{Label: modeGood, Profile: good.cpu, Goroutines: good.goroutines},
		Notes: []string{fmt.Sprintf(
			"%d lists per second were requested from %s, whether or not earlier ones were answered, and %d clients requested hashes without a pause. Latencies are measured at the clients. k6 ran on this machine and used its processors too.",
			d.cfg.Lists, d.target, d.cfg.Hashes)},
	}
	if missing != "" {
		c.Notes = append(c.Notes, missing)
	}
	return flame.Compare(c)
}
