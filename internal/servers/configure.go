package servers

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	"deals.example/grafana"
	"deals.example/internal/platform"
	"deals.example/internal/stack"
	"deals.example/observability"
	"deals.example/slo"
)

const dirMode, fileMode = 0o750, 0o640

// targetGroup is an entry of Prometheus's file-based service discovery.
type targetGroup struct {
	Targets []string          `json:"targets"`
	Labels  map[string]string `json:"labels,omitempty"`
}

// Configure replaces the configuration in stateDir of those servers that are among the running processes. Prometheus scrapes the servers and
// the processes named in scraped, at their URLs.
func Configure(stateDir string, running []stack.Process, scraped []string) error {
	for _, process := range running {
		s := named(process.Name)
		if s == nil {
			continue
		}
		etc, data := s.folders(stateDir)
		if err := errors.Join(os.RemoveAll(etc), os.MkdirAll(etc, dirMode), os.MkdirAll(data, dirMode)); err != nil {
			return fmt.Errorf("create folders of %s: %w", s.Name, err)
		}
		if err := s.configure(etc); err != nil {
			return fmt.Errorf("write configuration of %s: %w", s.Name, err)
		}
	}
	return writeTargets(stateDir, running, scraped)
}

func (s server) configure(etc string) error {
	if s.Name == platform.Grafana {
		return os.CopyFS(etc, grafana.Files)
	}
	files, err := fs.Sub(observability.Files, s.Name)
	if err != nil {
		return err
	}
	if err := os.CopyFS(etc, files); err != nil {
		return err
	}
	if s.Name != platform.Prometheus {
		return nil
	}
	rules, err := fs.Sub(slo.Files, "rules")
	if err != nil {
		return err
	}
	return os.CopyFS(filepath.Join(etc, "slo"), rules)
}

// writeTargets writes the targets that Prometheus scrapes and the Alertmanager that it sends alerts to.
func writeTargets(stateDir string, running []stack.Process, scraped []string) error {
	if !slices.ContainsFunc(running, func(p stack.Process) bool { return p.Name == platform.Prometheus }) {
		return nil
	}
	etc, _ := named(platform.Prometheus).folders(stateDir)
	targets, managers := []targetGroup{}, []targetGroup{}
	for _, process := range running {
		if process.Name == platform.Alertmanager {
			managers = append(managers, targetGroup{Targets: []string{process.Address}})
		}
		if slices.Contains(scraped, process.Name) || named(process.Name) != nil {
			at, err := url.Parse(process.URL)
			if err != nil {
				return fmt.Errorf("target %s: %w", process.Name, err)
			}
			targets = append(targets, targetGroup{[]string{at.Host}, map[string]string{"job": process.Name}})
		}
	}
	return errors.Join(
		writeJSON(filepath.Join(etc, "targets.yaml"), targets),
		writeJSON(filepath.Join(etc, "alertmanagers.yaml"), managers),
	)
}

// writeJSON writes a file as JSON, which is valid YAML.
func writeJSON(file string, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), fileMode)
}
