package machine

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	groupsRoot = "/sys/fs/cgroup" // where the hierarchies of control groups are mounted
	processes  = "cgroup.procs"   // file of each group
)

// hierarchy is one of control groups of version 1.
type hierarchy struct {
	options string // as mount takes them: "cpu,cpuacct", "name=systemd"
	folder  string // in groupsRoot
	own     string // group of this process
}

// hierarchies returns those that this process is in: /proc/self/cgroup has a line for each, "4:memory:/user".
func hierarchies() ([]hierarchy, error) {
	file, err := os.Open("/proc/self/cgroup")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	defer func() { _ = file.Close() }()
	var all []hierarchy
	for lines := bufio.NewScanner(file); lines.Scan(); {
		parts := strings.SplitN(lines.Text(), ":", 3)
		if len(parts) < 3 || parts[1] == "" { // version 2
			continue
		}
		all = append(all, hierarchy{options: parts[1], folder: strings.TrimPrefix(parts[1], "name="), own: parts[2]})
	}
	if !slices.ContainsFunc(all, func(h hierarchy) bool { return h.has("memory") }) {
		return nil, fmt.Errorf("%w: the control groups of this machine are of version 2, want version 1", ErrUnsupported)
	}
	return all, nil
}

func (h hierarchy) has(controller string) bool {
	return slices.Contains(strings.Split(h.options, ","), controller)
}

// makeGroups makes a group below the own one in each hierarchy, and returns their folders. What a killed machine of that name left goes first.
func makeGroups(name string) ([]string, error) {
	all, err := hierarchies()
	if err != nil {
		return nil, err
	}
	var groups []string
	for _, h := range all {
		group := filepath.Join(groupsRoot, h.folder, h.own, name)
		if err := h.makeGroup(group); err != nil {
			return nil, errors.Join(err, removeGroups(groups))
		}
		groups = append(groups, group)
	}
	return groups, nil
}

func (h hierarchy) makeGroup(group string) error {
	if inUse(group) {
		return fmt.Errorf("another machine is in %s", group)
	}
	if err := removeGroup(group); err != nil {
		return err
	}
	if err := os.Mkdir(group, 0o755); err != nil { //nolint:gosec // G301: as the kernel makes them
		return err
	}
	return h.prepare(group)
}

// inUse reports whether there is a process in the group or in one below it.
func inUse(group string) bool {
	used := false
	_ = filepath.WalkDir(group, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Name() == processes {
			pids, _ := os.ReadFile(path) //nolint:gosec // G304: of a control group
			used = used || len(pids) > 0
		}
		return nil
	})
	return used
}

// prepare makes a group ready for processes. One for processors has none at first.
func (h hierarchy) prepare(group string) error {
	if !h.has("cpuset") {
		return nil
	}
	for _, file := range []string{"cpuset.cpus", "cpuset.mems"} {
		text, err := os.ReadFile(filepath.Join(filepath.Dir(group), file)) //nolint:gosec // G304: of a control group
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(group, file), text, 0); err != nil { //nolint:gosec // G703: of a control group
			return err
		}
	}
	return os.WriteFile(filepath.Join(group, "cgroup.clone_children"), []byte("1"), 0)
}

// enterGroups moves a process.
func enterGroups(groups []string, pid int) error {
	for _, group := range groups {
		if err := os.WriteFile(filepath.Join(group, processes), []byte(strconv.Itoa(pid)), 0); err != nil {
			return err
		}
	}
	return nil
}

// clean removes the groups, as soon as their processes have ended, and the state.
func clean(state string, groups []string) error {
	const (
		within = 30 * time.Second
		every  = 100 * time.Millisecond
	)
	err := removeGroups(groups)
	for start := time.Now(); err != nil && time.Since(start) < within; err = removeGroups(groups) {
		<-time.After(every)
	}
	return errors.Join(err, os.RemoveAll(state))
}

func removeGroups(groups []string) (err error) {
	for _, group := range groups {
		err = errors.Join(err, removeGroup(group))
	}
	return err
}

// removeGroup removes a group and those below it, the deepest first. One that is gone is no error.
func removeGroup(group string) error {
	var folders []string
	err := filepath.WalkDir(group, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			folders = append(folders, path)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	for _, folder := range slices.Backward(folders) {
		if removed := os.Remove(folder); removed != nil && !errors.Is(removed, fs.ErrNotExist) {
			err = errors.Join(err, removed)
		}
	}
	return err
}
