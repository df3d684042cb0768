package flame

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

	"deals.example/k6"
)

// Bounds of what Drive may be asked for. A component answers no request for longer than a minute and a half.
const (
	MinDuration = time.Second
	MaxDuration = time.Minute
	MaxClients  = 200
)

// What there is to see best on few processors, within a minute.
const (
	DefaultDuration = 15 * time.Second
	DefaultLists    = 20
	DefaultHashes   = 8
)

const (
	defaultWarmUp = 4 * time.Second
	defaultLead   = 3 * time.Second
	sampling      = 500 * time.Millisecond // between two looks at the goroutines
	patience      = 30 * time.Second       // with a target that is busy
)

// The modes of the load tool that are compared, and the one that both run beside.
const (
	modeLists = "deals"
	modeBad   = "hash-bad"
	modeGood  = "hash-good"
)

// ErrConfig says that Drive can't do what it was asked for: what was got and what is allowed.
var ErrConfig = errors.New("wrong setting")

// Config says what Drive measures.
type Config struct {
	Target       string        // URL of the experience API
	Runner       *k6.Runner    // with the same target
	Duration     time.Duration // of each profile, MinDuration to MaxDuration, in whole seconds
	Lists        int           // clients that read lists, one after another
	Hashes       int           // clients that ask for hashes meanwhile
	WarmUp       time.Duration // of lists alone, so that both sides find the same caches; 0: 4 s
	Lead         time.Duration // of the load before each profile: k6 has to start, and queues to build up; 0: 3 s
	Dir          string        // of the report; must not be there
	PyroscopeURL string        // that the target pushes its profiles to; empty: none
}

// Step is how far Drive is.
type Step struct {
	Number, Of     int
	Name           string
	Elapsed, Takes time.Duration // of the step; Elapsed is 0 when it begins, Takes is 0 when that is not known
	Goroutines     int           // of the target, while it is measured
	Runnable       int           // of these: those that wait for a processor
}

const steps = 4

// Drive computes heavy hashes the bad way and then the good way, both times under the same load of lists, and writes the report. It tells its
// progress, at least once a second, in calls that come one at a time. When ctx ends it stops the load and leaves no folder.
//
// Only one Drive at a time makes sense on a target: each loads it fully, and a process takes one CPU profile at a time.
func Drive(ctx context.Context, cfg Config, progress func(Step)) (Report, error) {
	d, err := newDriver(cfg, progress)
	if err != nil {
		return Report{}, err
	}
	defer d.client.CloseIdleConnections()
	if err := d.checkTarget(ctx); err != nil {
		return Report{}, err
	}
	d.begin("warm up", d.cfg.WarmUp)
	if _, err := d.underLoad(ctx, map[string]int{modeLists: cfg.Lists}, d.warm); err != nil {
		return Report{}, err
	}
	var found [sides]*evidence
	for side, mode := range [sides]string{modeBad, modeGood} {
		d.begin(mode, d.cfg.Lead+cfg.Duration)
		if found[side], err = d.measure(ctx, mode); err != nil {
			return Report{}, fmt.Errorf("measure %s: %w", mode, err)
		}
	}
	d.begin("write the report", 0)
	return d.report(ctx, found)
}

// driver is one call of Drive.
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
	}, checkFree(cfg.Dir)
}

// faults are all that is wrong with the settings.
func (c Config) faults() []error {
	var faults []error
	refuse := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if target, err := url.Parse(c.Target); err != nil || target.Host == "" {
		refuse("target is %q; allowed: a URL such as http://127.0.0.1:3000", c.Target)
	}
	if c.Runner == nil {
		refuse("no k6 to make the load")
	}
	if c.Duration < MinDuration || c.Duration > MaxDuration || c.Duration%time.Second != 0 {
		refuse("duration is %s; allowed: %s to %s, in whole seconds", c.Duration, MinDuration, MaxDuration)
	}
	if c.Lists < 1 || c.Lists > MaxClients {
		refuse("lists is %d; allowed: 1 to %d", c.Lists, MaxClients)
	}
	if c.Hashes < 1 || c.Hashes > MaxClients {
		refuse("hashes is %d; allowed: 1 to %d", c.Hashes, MaxClients)
	}
	return faults
}

// begin tells of the next step.
func (d *driver) begin(name string, takes time.Duration) {
	d.step = Step{Number: d.step.Number + 1, Of: steps, Name: name, Takes: takes}
	d.began = time.Now()
	d.tell(d.step)
}

// went tells how far the step is.
func (d *driver) went(goroutines, runnable int) {
	d.step.Elapsed, d.step.Goroutines, d.step.Runnable = time.Since(d.began), goroutines, runnable
	d.tell(d.step)
}

// checkTarget sees that the target is an experience API, before it is loaded.
func (d *driver) checkTarget(ctx context.Context) error {
	metrics, err := d.scrape(ctx)
	if err != nil {
		return err
	}
	is := metrics.label("deals_component_info", "component")
	if is != "experience-api" {
		return fmt.Errorf("%w: target is %s, where %q answers; allowed: an experience-api", ErrConfig, d.target, is)
	}
	if metrics.histogram(schedulerLatencies) == nil {
		return fmt.Errorf("%s/metrics has no %s", d.target, schedulerLatencies)
	}
	return nil
}

// pause waits, telling each second.
func (d *driver) pause(ctx context.Context, length time.Duration) error {
	timer, ticker := time.NewTimer(length), time.NewTicker(time.Second)
	defer timer.Stop()
	defer ticker.Stop()
	for {
		select {
		case <-timer.C:
			return nil
		case <-ticker.C:
			d.went(0, 0)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// warm is what there is to do while lists alone are read.
func (d *driver) warm(ctx context.Context) error { return d.pause(ctx, d.cfg.WarmUp) }

// profile takes a profile from the target.
func (d *driver) profile(ctx context.Context, path string) (*profile.Profile, error) {
	data, err := d.get(ctx, path, maxProfile)
	if err != nil {
		return nil, err
	}
	p, err := readProfile(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s%s: %w", d.target, path, err)
	}
	return p, nil
}

// report makes the report of what was found.
func (d *driver) report(ctx context.Context, found [sides]*evidence) (Report, error) {
	links, missing := d.pyroscope(ctx, found)
	r := Report{
		Dir: d.cfg.Dir, Title: modeBad + " against " + modeGood, Pyroscope: links,
		Base: Side{Label: modeBad}, Compare: Side{Label: modeGood}, Rows: rows(found),
		Goroutines: goroutines([sides]*profile.Profile{found[base].goroutines, found[compare].goroutines}, whereabouts),
		Notes: []string{fmt.Sprintf(
			"%d clients read lists while %d asked for hashes, each as fast as it was answered, against %s. Latencies are the clients'; k6 runs on the same machine as what it measures.",
			d.cfg.Lists, d.cfg.Hashes, d.target)},
	}
	if missing != "" {
		r.Notes = append(r.Notes, missing)
	}
	more := map[string]*profile.Profile{}
	for name, p := range map[string]*profile.Profile{BaseGoroutinesFile: found[base].goroutines, CompareGoroutinesFile: found[compare].goroutines} {
		if p != nil {
			more[name] = p
		}
	}
	return finish(r, [sides]*profile.Profile{found[base].cpu, found[compare].cpu}, "cpu", more)
}
