// Package servers is the part of `deals up` that watches: Prometheus, Alertmanager, Tempo, Loki, Pyroscope and Grafana, as real servers with
// the configuration that compose mounts. Those that this machine has are run; of the others it is said what their absence
// costs.
package servers

import (
	"cmp"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"deals.example/internal/stack"
)

const loopback = "127.0.0.1"

// Server is one of the servers.
type Server struct {
	Name string
	Port int

	summary string
	needs   []string      // servers that it writes to: they start before it and stop after it
	grace   time.Duration // from SIGTERM to SIGKILL; 0: the default
	// args of the command line, given the folder of its configuration and that of its data.
	args func(etc, data string) []string
	// environ is the server's environment beside HOST and DATA_DIR, given the folder of its configuration.
	environ func(etc string) []string
	// inEtc runs the server in the folder of its configuration.
	inEtc bool
	// ready is the path that answers 2xx once it is; empty where that takes longer than anyone would wait: then listening is enough.
	ready string
	// telemetry is what the components are told when the server runs: settings of theirs, by name.
	telemetry map[string]string

	costs string // what there is not without it
	get   string // how to have it
}

// URL is where the server answers.
func (s Server) URL() string { return "http://" + s.address() }

func (s Server) address() string { return loopback + ":" + strconv.Itoa(s.Port) }

// Absent is a server that this machine does not have.
type Absent struct {
	Name, Costs, Get string
}

// Find looks for the servers in binDir, then on PATH. It returns their processes, with configuration and data in folders of
// stateDir, and those that are absent.
func Find(binDir, stateDir string) (processes []stack.Process, absent []Absent) {
	for _, s := range all() {
		path, err := look(binDir, s.Name)
		if err != nil {
			absent = append(absent, Absent{s.Name, s.costs, s.get})
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

func (s Server) process(path, stateDir string) stack.Process {
	etc, data := s.folders(stateDir)
	process := stack.Process{
		Name: s.Name, Summary: s.summary, Path: path, Args: s.args(etc, data),
		Env:   []string{"HOST=" + loopback, "DATA_DIR=" + data},
		Needs: s.needs, Grace: s.grace,
		Address: s.address(), URL: s.URL(), Quiet: true, Optional: true, Last: true,
		Ready: stack.TCP(s.address()),
	}
	if s.ready != "" {
		process.Ready = stack.HTTP(s.URL() + s.ready)
	}
	if s.environ != nil {
		process.Env = append(process.Env, s.environ(etc)...)
	}
	if s.Name == grafanaName {
		process.Args = append(process.Args, "--homepath", grafanaHome(path))
	}
	if s.inEtc {
		process.Dir = etc
	}
	return process
}

// folders are where the server's configuration is written, and where it keeps its data.
func (s Server) folders(stateDir string) (etc, data string) {
	return filepath.Join(stateDir, "etc", s.Name), filepath.Join(stateDir, "data", s.Name)
}

// grafanaHome is where Grafana's page and defaults are: beside its binary in an archive of its makers, else where its packages put them.
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

// named returns the server of that name, nil when it is none of ours.
func named(name string) *Server {
	servers := all()
	i := slices.IndexFunc(servers, func(s Server) bool { return s.Name == name })
	if i < 0 {
		return nil
	}
	return &servers[i]
}

// Telemetry is what a component is to be told of the servers that run, as NAME=value: where to send. What environ says already is left alone.
func Telemetry(running []stack.Process, environ map[string]string) []string {
	var told []string
	for _, process := range running {
		s := named(process.Name)
		if s == nil {
			continue
		}
		for name, value := range s.telemetry {
			told = append(told, name+"="+cmp.Or(environ[name], value))
		}
	}
	slices.Sort(told)
	return told
}
