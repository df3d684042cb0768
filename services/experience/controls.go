package experience

import (
	"errors"

	"deals.example/internal/app"
	"deals.example/internal/cache"
	"deals.example/lab/control"
	"deals.example/lab/slowredis"
)

// addControls adds the controls of the API beside those of its upstreams.
func (s *server) addControls(set *control.Set) error {
	readModel := control.OnOff("read-model", "stores cards and serves stored ones: lists from them, and details where a part is slow", s.cfg.Listing.Enabled,
		func(on bool) error { s.listing.SwitchReadModel(on); return nil })
	return errors.Join(set.Add(s.catalogControl()), set.Add(readModel))
}

// addRedisControl adds the control that makes Redis slow. The pauses have a client of their own, whose connections nothing else can use up.
func addRedisControl(rt *app.Runtime, cfg app.RedisConfig) error {
	client, err := rt.QueueRedis(cfg)
	if err != nil {
		return err
	}
	pauser := slowredis.New(client, rt.Logger)
	rt.Go("Redis pauses", pauser.Run)
	return rt.Controls.Add(pauser.Control())
}

// catalogControl switches who waits when a page of the base catalog is due.
func (s *server) catalogControl() control.Control {
	return control.Control{
		Name: "catalog-cache", Help: "who waits when a page of the base catalog is due",
		Start: control.Setting{Option: string(s.cfg.Listing.CatalogPolicy)},
		Options: []control.Option{
			{Name: string(cache.RefreshAhead), Help: "nobody: it is fetched in the background before it expires"},
			{Name: string(cache.SingleFlight), Help: "all readers, for one fetch"},
			{Name: string(cache.PlainTTL), Help: "each reader, for its own fetch"},
		},
		Apply: func(to control.Setting) error { return s.listing.SwitchCatalog(cache.Policy(to.Option)) },
	}
}
