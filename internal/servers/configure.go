package servers

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"

	"deals.example/grafana"
	"deals.example/internal/stack"
	"deals.example/observability"
	"deals.example/slo"
)

const dirMode, fileMode = 0o750, 0o640

// targetGroup is an entry of Prometheus' file-based discovery.
type targetGroup struct {
	Targets []string          `json:"targets"`
	Labels  map[string]string `json:"labels,omitempty"`
}

// Configure writes the configuration of the servers among the running processes below stateDir, anew each time. scraped are the names of the
// processes that have metrics beside the servers.
func Configure(stateDir string, running []stack.Process, scraped []string) error {
	for _, process := range running {
		s := named(process.Name)
		if s == nil {
			continue
		}
		etc, data := s.folders(stateDir)
		if err := errors.Join(os.RemoveAll(etc), os.MkdirAll(etc, dirMode), os.MkdirAll(data, dirMode)); err != nil {
			return fmt.Errorf("make folders of %s: %w", s.Name, err)
		}
		if err := s.configure(etc); err != nil {
			return fmt.Errorf("write configuration of %s: %w", s.Name, err)
		}
	}
	return writeTargets(stateDir, running, scraped)
}

func (s Server) configure(etc string) error {
	if s.Name == grafanaName {
		return os.CopyFS(etc, grafana.Files)
	}
	files, err := fs.Sub(observability.Files, s.Name)
	if err != nil {
		return err
	}
	if err := os.CopyFS(etc, files); err != nil {
		return err
	}
	if s.Name != prometheusName {
		return nil
	}
	rules, err := fs.Sub(slo.Files, "rules")
	if err != nil {
		return err
	}
	return os.CopyFS(filepath.Join(etc, "slo"), rules)
}

// writeTargets tells Prometheus what there is to scrape, and where alerts go.
func writeTargets(stateDir string, running []stack.Process, scraped []string) error {
	prometheus, _ := Server{Name: prometheusName}.folders(stateDir)
	if _, err := os.Stat(prometheus); err != nil {
		return nil //nolint:nilerr // Prometheus is not among those that run
	}
	wanted := make(map[string]bool, len(scraped))
	for _, name := range scraped {
		wanted[name] = true
	}
	targets, managers := []targetGroup{}, []targetGroup{}
	for _, process := range running {
		if process.Name == "alertmanager" {
			managers = append(managers, targetGroup{Targets: []string{process.Address}})
		}
		if wanted[process.Name] || named(process.Name) != nil {
			targets = append(targets, targetGroup{[]string{reachable(process.Address)}, map[string]string{"job": process.Name}})
		}
	}
	return errors.Join(
		writeJSON(filepath.Join(prometheus, "targets.yaml"), targets),
		writeJSON(filepath.Join(prometheus, "alertmanagers.yaml"), managers),
	)
}

// reachable is where a server that may listen everywhere is asked from this machine.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err == nil && ip != nil && ip.IsUnspecified() {
		return net.JoinHostPort(loopback, port)
	}
	return address
}

// writeJSON writes a file as JSON, which is YAML too.
func writeJSON(file string, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), fileMode)
}
