package view

import (
	"cmp"
	"context"
	"slices"
	"time"

	"deals.example/internal/platform"
	"deals.example/services/slodashboard/api"
	"deals.example/services/slodashboard/prom"
)

const (
	switchesPast  = 15 * time.Minute // as long as the charts of the page
	switchesEvery = 2 * platform.ScrapeInterval
	mostSwitches  = 100
)

// Switches returns the latest switches of controls. Its answer changes every switchesEvery.
func (v *Views) Switches(ctx context.Context) (api.Switches, error) {
	to := time.Now().Truncate(switchesEvery)
	span := prom.Span{From: to.Add(-switchesPast), To: to, Step: platform.ScrapeInterval}
	past, err := v.prom.Past(ctx, span, prom.Switched)
	if err != nil {
		return api.Switches{}, err
	}
	found := []api.Switch{}
	for _, series := range past.All(prom.Switched) {
		for _, sample := range series.Values {
			found = append(found, api.Switch{
				At: sample.Timestamp.Time(), Component: string(series.Metric["component"]),
				Control: string(series.Metric["control"]), Option: string(series.Metric["option"]),
			})
		}
	}
	slices.SortFunc(found, func(a, b api.Switch) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Component, b.Component), cmp.Compare(a.Control, b.Control))
	})
	return api.Switches{Switches: found[max(0, len(found)-mostSwitches):]}, nil
}
