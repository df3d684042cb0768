package heavyhash

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"deals.example/internal/flame"
)

// pyroscopeTimeout bounds the check that Pyroscope answers.
const pyroscopeTimeout = 2 * time.Second

// pushInterval is the interval in which the target pushes its profiles.
const pushInterval = 15 * time.Second

// cpuQuery selects the target's CPU profiles.
const cpuQuery = `process_cpu:cpu:nanoseconds:cpu:nanoseconds{service_name="experience-api"}`

// pyroscope returns links to the same comparison in Pyroscope. When Pyroscope does not answer it returns a note instead.
func (d *driver) pyroscope(ctx context.Context, bad, good *evidence) (links *flame.Pyroscope, note string) {
	if d.cfg.PyroscopeURL == "" {
		return nil, ""
	}
	server := strings.TrimSuffix(d.cfg.PyroscopeURL, "/")
	if err := d.answers(ctx, server); err != nil {
		return nil, fmt.Sprintf("No link to Pyroscope: %s does not answer: %v.", server, err)
	}
	query := periods(bad, good).Encode()
	return &flame.Pyroscope{View: server + "/comparison-diff?" + query, Data: server + "/pyroscope/render-diff?" + query}, ""
}

func (d *driver) answers(ctx context.Context, server string) error {
	ctx, cancel := context.WithTimeout(ctx, pyroscopeTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server+"/ready", http.NoBody)
	if err != nil {
		return err
	}
	response, err := d.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	return nil // any answer will do
}

// periods returns the periods of both profiles as query parameters of Pyroscope's page and API, in milliseconds.
func periods(bad, good *evidence) url.Values {
	millis := func(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
	return url.Values{
		"query": {cpuQuery}, "from": {millis(bad.started.Add(-pushInterval))}, "until": {millis(good.ended.Add(pushInterval))},
		"leftQuery": {cpuQuery}, "leftFrom": {millis(bad.started)}, "leftUntil": {millis(bad.ended)},
		"rightQuery": {cpuQuery}, "rightFrom": {millis(good.started)}, "rightUntil": {millis(good.ended)},
	}
}
