package experiment

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/prometheus/common/model"

	"deals.example/internal/strict"
	"deals.example/lab/replay"
)

// replay tries the alert of an arm on the recording. It changes nothing of the platform and uses none of its parts.
func (n *Engine) replay(ctx context.Context, e Experiment, arm Arm, _ int, at Progress, tell func(Progress)) (Round, error) {
	at.Phase = Replaying
	tell(at)
	rules, err := arm.Alert.rules()
	if err != nil {
		return Round{}, err
	}
	started := time.Now()
	pages, err := n.deps.Promtool.Pages(ctx, *e.Recording, rules)
	if err != nil {
		return Round{}, err
	}
	round := Round{Arm: arm.ID, Number: at.Round, Started: started, Charts: []Chart{}, Values: map[string]*float64{}, Pages: pages}
	for _, m := range e.Measures {
		round.Values[m.ID] = m.ofPages(pages, e.Disturb[0].At)
	}
	return round, nil
}

func (a Alert) rules() (replay.Rules, error) {
	if a.Rules != "" {
		return replay.Objective(a.Rules)
	}
	return replay.Threshold(a.Expr, a.For)
}

// ofPages returns a measure of pages, nil if it has none. A page that began before the fault and lasts into it is both a false one and the one that
// tells of the fault at once.
func (m Measure) ofPages(pages []replay.Span, fault model.Duration) *float64 {
	wrong := 0.0
	for _, page := range pages {
		if page.From < fault {
			wrong++
		}
		if m.Value == TimeToPage && page.To > fault {
			return new(max(time.Duration(page.From-fault), 0).Seconds())
		}
	}
	if m.Value == TimeToPage {
		return nil
	}
	return &wrong
}

// recording reads the recording of a replay.
func (v validator) recording(fsys fs.FS, e *Experiment) {
	if e.Replay == "" {
		return
	}
	text, err := fs.ReadFile(fsys, e.Replay)
	if err != nil {
		v.Want(false, "replay", e.Replay, "a file of recorded samples beside the experiment")
		return
	}
	recording, err := replay.Parse(e.Replay, string(text))
	if err != nil {
		v.Fault("replay", err.Error())
		return
	}
	e.Recording = &recording
}

// replay checks what an experiment has instead of a load.
func (v validator) replay(e Experiment) {
	const unused = "must be absent in a replay"
	v.Expect(len(e.Setup) == 0, "setup", unused)
	v.Expect(len(e.Streams) == 0, "streams", unused)
	for i, arm := range e.Arms {
		path := fmt.Sprintf("arms[%d]", i)
		v.Expect(len(arm.Set) == 0, path+".set", unused)
		v.Expect(len(arm.Streams) == 0, path+".streams", unused)
		v.alert(path+".alert", arm.Alert)
	}
	v.Expect(len(e.Disturb) == 1, "disturbances", "must be one in a replay: the fault that is recorded")
	for i, d := range e.Disturb {
		path := fmt.Sprintf("disturbances[%d]", i)
		v.Expect(len(d.Set) == 0, path+".set", unused)
		if e.Recording != nil {
			v.disturbance(path, d, e.Length())
		}
	}
	for i, m := range e.Measures {
		path := fmt.Sprintf("measures[%d]", i)
		v.Want(m.Value == FalsePages || m.Value == TimeToPage, path+".value", string(m.Value), "one of false-pages, time-to-page")
		v.Expect(m.Stream == "" && m.Query == "" && m.From == 0 && m.To == 0 && m.Within == 0, path, "must have only a value in a replay")
	}
}

func (v validator) alert(path string, a *Alert) {
	switch {
	case a == nil:
		v.Fault(path, "is missing")
		return
	case (a.Expr != "") == (a.Rules != ""):
		v.Fault(path, "must have either expr or rules")
		return
	case a.Expr != "":
		v.query(path+".expr", a.Expr)
		return
	}
	v.Expect(a.For == 0, path+".for", "goes with expr, and rules have their own")
	v.Want(slices.Contains(replay.Objectives(), a.Rules), path+".rules", a.Rules, strict.OneOf(replay.Objectives()...))
}
