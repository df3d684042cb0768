// Package servers runs the observability servers for `deals up`: Prometheus, Alertmanager, Tempo, Loki, Pyroscope and Grafana, with the
// configuration that docker compose mounts. It runs those that this machine has and reports what is unavailable without the others.
package servers

import (
	"cmp"
	"net"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"deals.example/internal/platform"
	"deals.example/internal/stack"
)

const loopback = "127.0.0.1"

// server is how to run a server of the platform's table.
type server struct {
	platform.Part

	needs []string      // servers it writes to: they start before it and stop after it
	grace time.Duration // from SIGTERM to SIGKILL; 0 means the default
	// args returns the command line for a configuration folder, a data folder and an address to listen on.
	args func(etc, data, address string) []string
	// environ returns environment variables beside HOST and DATA_DIR.
	environ func(etc, data string) []string
	// inEtc runs the server in its configuration folder.
	inEtc bool
	ready string // path that answers 2xx when the server is ready
	// telemetry holds settings of the components while the server runs, by name.
	telemetry map[string]string

	missing string // what is unavailable without it
	get     string // how to get it
}

func (s server) address() string { return net.JoinHostPort(loopback, strconv.Itoa(s.Port)) }

// Absent is a server that this machine does not have.
type Absent struct {
	Name    string
	Missing string // what is unavailable without it
	Get     string // how to get it
}

// Find looks for the servers in binDir, then on PATH. It returns the processes of those it finds, with configuration and data in folders of
// stateDir, and those that are absent.
func Find(binDir, stateDir string) (processes []stack.Process, absent []Absent) {
	for _, s := range all() {
		path, err := look(binDir, s.Name)
		if err != nil {
			absent = append(absent, Absent{s.Name, s.missing, s.get})
			continue
		}
		processes = append(processes, s.process(path, stateDir))
	}
	return processes, absent
}

func look(binDir, name string) (string, error) {
	if path, err := exec.LookPath(filepath.Join(binDir, name)); err == nil {
		return path, nil
	}
	return exec.LookPath(name)
}

// Process returns the process of a server of the platform's table that listens on another port of 127.0.0.1.
func Process(name, path, stateDir string, port int) stack.Process {
	s := named(name)
	s.Port = port
	return s.process(path, stateDir)
}

func (s server) process(path, stateDir string) stack.Process {
	etc, data := s.folders(stateDir)
	process := stack.Process{
		Name: s.Name, Summary: s.Summary, Path: path, Args: s.args(etc, data, s.address()),
		Env:   []string{"HOST=" + loopback, "DATA_DIR=" + data},
		Needs: s.needs, Grace: s.grace,
		Address: s.address(), URL: s.At(loopback), Quiet: true, Optional: true, Last: true,
		Ready: stack.HTTP(s.At(loopback) + s.ready),
	}
	if s.environ != nil {
		process.Env = append(process.Env, s.environ(etc, data)...)
	}
	if s.Name == platform.Grafana {
		process.Args = append(process.Args, "--homepath", grafanaHome(path))
	}
	if s.inEtc {
		process.Dir = etc
	}
	return process
}

// folders returns the folders of the server's configuration and data.
func (s server) folders(stateDir string) (etc, data string) {
	return filepath.Join(stateDir, "etc", s.Name), filepath.Join(stateDir, "data", s.Name)
}

// grafanaHome returns the folder of Grafana's static files and defaults: beside the binary in a release archive, /usr/share/grafana in
// a package of a distribution.
func grafanaHome(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	beside := filepath.Dir(filepath.Dir(path))
	if matches, _ := filepath.Glob(filepath.Join(beside, "conf", "defaults.ini")); len(matches) > 0 {
		return beside
	}
	return "/usr/share/grafana"
}

// named returns the server of that name, nil if there is none.
func named(name string) *server {
	servers := all()
	i := slices.IndexFunc(servers, func(s server) bool { return s.Name == name })
	if i < 0 {
		return nil
	}
	return &servers[i]
}

// Telemetry returns the settings, as NAME=value, that make components send telemetry to the running servers. Values in environ take
// precedence.
func Telemetry(running []stack.Process, environ map[string]string) []string {
	var settings []string
	for _, process := range running {
		s := named(process.Name)
		if s == nil {
			continue
		}
		for name, value := range s.telemetry {
			settings = append(settings, name+"="+cmp.Or(environ[name], value))
		}
	}
	slices.Sort(settings)
	return settings
}
