package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"deals.example/internal/platform"
	"deals.example/internal/stack"
	"deals.example/services/slodashboard/api"
)

const (
	experimentsPath   = "/api/experiments"
	maxExperiment     = 64 << 20 // bytes of an answer
	experimentTimeout = 10 * time.Second
)

// dashboard calls the experiments of a running dashboard.
type dashboard struct {
	url, token string
	client     *http.Client
}

// dashboard returns the dashboard of the running platform.
func (d stateDir) dashboard(ctx context.Context, sys *system) (*dashboard, error) {
	processes, err := d.client().Processes(ctx)
	if err != nil {
		return nil, notUp(err)
	}
	for _, p := range processes {
		if p.Name == platform.Dashboard && p.State == stack.Ready {
			return &dashboard{p.URL, asMap(sys.environ)["ADMIN_TOKEN"], &http.Client{Transport: &http.Transport{}, Timeout: experimentTimeout}}, nil
		}
	}
	return nil, fmt.Errorf("%s runs experiments and is not ready: deals ps shows its state", platform.Dashboard)
}

// experiment returns an experiment of the running platform, and its dashboard.
func (d stateDir) experiment(ctx context.Context, sys *system, id string) (*dashboard, api.ExperimentDetail, error) {
	var e api.ExperimentDetail
	client, err := d.dashboard(ctx, sys)
	if err != nil {
		return nil, e, err
	}
	return client, e, client.call(ctx, http.MethodGet, "/"+url.PathEscape(id), nil, &e)
}

// call sends a request about experiments and decodes the answer. An error of the dashboard is returned with its text, as a usageError if
// the request was wrong.
func (d *dashboard) call(ctx context.Context, method, path string, body, answer any) error {
	text, err := d.send(ctx, method, experimentsPath+path, body)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("decode the dashboard's answer: %w", err)
	}
	return nil
}

func (d *dashboard) send(ctx context.Context, method, path string, body any) ([]byte, error) {
	var sent io.Reader = http.NoBody
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		sent = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, d.url+path, sent)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	if d.token != "" {
		request.Header.Set("Authorization", "Bearer "+d.token)
	}
	response, err := d.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxExperiment))
	if err != nil || response.StatusCode == http.StatusOK {
		return text, err
	}
	return nil, refusal(response.StatusCode, text)
}

// refusal returns the error of an answer that is not 200.
func refusal(status int, text []byte) error {
	var said struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(text, &said) != nil || said.Error == "" {
		return fmt.Errorf("the dashboard answers with status %d", status)
	}
	if status == http.StatusBadRequest || status == http.StatusNotFound {
		return usageError{errors.New(said.Error)}
	}
	return errors.New(said.Error)
}

// follow prints the progress of the current run until it has ended. If ctx ends, it stops the run and waits until everything is put back.
func (d *dashboard) follow(ctx context.Context, out io.Writer) (api.ExperimentRun, error) {
	const every = time.Second
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	lasting, interrupted, last := context.WithoutCancel(ctx), ctx.Done(), ""
	for {
		select {
		case <-interrupted:
			interrupted = nil
			fmt.Fprintln(out, "deals: stopping, and putting all settings back")
			if err := d.call(lasting, http.MethodDelete, "", nil, new(api.Experiments)); err != nil {
				return api.ExperimentRun{}, err
			}
		case <-ticker.C:
		}
		var list api.Experiments
		if err := d.call(lasting, http.MethodGet, "", nil, &list); err != nil {
			return api.ExperimentRun{}, err
		}
		if list.Run == nil {
			return api.ExperimentRun{}, errors.New("the dashboard was restarted, and the run is lost; all settings are back")
		}
		if list.Run.EndedAt != nil {
			return *list.Run, nil
		}
		if line := progressLine(*list.Run); line != last && interrupted != nil {
			fmt.Fprintln(out, line)
			last = line
		}
	}
}

// progressLine says where a run is. It changes every five seconds of a load.
func progressLine(run api.ExperimentRun) string {
	if run.Arm == "" {
		return "starting"
	}
	line := fmt.Sprintf("round %d of %d, arm %s: %s", run.Round, run.Rounds, run.Arm, run.Phase)
	if run.Phase == "loading" {
		const step = 5
		line += fmt.Sprintf(" %d of %.0f s", int(run.ElapsedSec)/step*step, run.LengthSec)
	}
	if run.Disturbed != "" {
		line += ", " + run.Disturbed
	}
	return line
}
