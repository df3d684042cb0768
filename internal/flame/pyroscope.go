package flame

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// pyroscopePatience is how long Pyroscope may take to say that it is there.
const pyroscopePatience = 2 * time.Second

// pushed is how long it may take until the target pushes what it has: profiles reach Pyroscope in slices of that length.
const pushed = 15 * time.Second

// cpuQuery selects the CPU profiles of the target.
const cpuQuery = `process_cpu:cpu:nanoseconds:cpu:nanoseconds{service_name="experience-api"}`

// pyroscope returns the links to the same comparison in Pyroscope, when there is one that answers, else a note that says what is missing.
func (d *driver) pyroscope(ctx context.Context, found [sides]*evidence) (links *Pyroscope, note string) {
	if d.cfg.PyroscopeURL == "" {
		return nil, ""
	}
	server := strings.TrimSuffix(d.cfg.PyroscopeURL, "/")
	if err := d.answers(ctx, server); err != nil {
		return nil, fmt.Sprintf("No link to Pyroscope, which does not answer at %s: %v.", server, err)
	}
	query := periods(found).Encode()
	return &Pyroscope{View: server + "/comparison-diff?" + query, Data: server + "/pyroscope/render-diff?" + query}, ""
}

func (d *driver) answers(ctx context.Context, server string) error {
	ctx, cancel := context.WithTimeout(ctx, pyroscopePatience)
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
	return nil // whatever it answers: it is there
}

// periods are those in which both sides were measured, as the page and the API of Pyroscope take them, in milliseconds.
func periods(found [sides]*evidence) url.Values {
	millis := func(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
	return url.Values{
		"query": {cpuQuery}, "from": {millis(found[base].started.Add(-pushed))}, "until": {millis(found[compare].ended.Add(pushed))},
		"leftQuery": {cpuQuery}, "leftFrom": {millis(found[base].started)}, "leftUntil": {millis(found[base].ended)},
		"rightQuery": {cpuQuery}, "rightFrom": {millis(found[compare].started)}, "rightUntil": {millis(found[compare].ended)},
	}
}
