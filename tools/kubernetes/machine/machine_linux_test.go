package machine_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/tools/kubernetes/machine"
)

// starter, as the first argument, makes the test binary a program that starts a machine and waits for its end.
const starter = "start-a-machine"

const name = "deals-machine-test"

func TestMain(m *testing.M) {
	machine.Main(os.Args)
	if len(os.Args) > 1 && os.Args[1] == starter {
		start(os.Args[2], os.Args[3:])
		return
	}
	os.Exit(m.Run())
}

func start(state string, command []string) {
	folder, err := machine.NewState(state)
	if err == nil {
		var running *machine.Machine
		running, err = machine.Start(machine.Config{Name: name, State: folder, Command: command})
		if err == nil {
			<-running.Done()
			err = running.Stop()
		}
	}
	if err != nil {
		println(err.Error())
		os.Exit(1)
	}
}

// busy is what a machine does in the tests: it mounts a file system, makes a control group and a network card, starts a process in the background,
// and says that it has.
const busy = `set -e; mount -t tmpfs tmpfs /mnt; mkdir /sys/fs/cgroup/memory/below; ip link add bridge0 type bridge
sleep 999.25 & echo "$(hostname) $(ls /var/lib | wc -l)" > %; wait`

// begin starts a machine by another process, and returns the process and the file that the machine has written.
func begin(t *testing.T, state string) (*exec.Cmd, string) {
	t.Helper()
	if err := machine.Check(); err != nil {
		t.Skip(err)
	}
	self, err := os.Executable()
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "written")
	process := exec.CommandContext(t.Context(), self, starter, state, "/bin/sh", "-c", strings.ReplaceAll(busy, "%", file)) //nolint:gosec // G204: this program
	process.Stderr = os.Stderr
	require.NoError(t, process.Start())
	t.Cleanup(func() {
		_ = process.Process.Kill()
		_ = process.Wait()
		awaitEnd(t, state)
	})
	require.Eventually(t, func() bool {
		text, err := os.ReadFile(file) //nolint:gosec // G304: in the test's folder
		return err == nil && len(text) > 0
	}, 10*time.Second, 20*time.Millisecond)
	text, err := os.ReadFile(file) //nolint:gosec // G304: in the test's folder
	require.NoError(t, err)
	return process, string(text)
}

// awaitEnd returns when nothing of the machine with the state is left.
func awaitEnd(t *testing.T, state string) {
	t.Helper()
	require.EventuallyWithT(t, func(t *assert.CollectT) { assert.NoDirExists(t, state) }, 10*time.Second, 50*time.Millisecond)
}

// traces are what a machine could leave on the computer.
func traces(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, command := range []string{"cat /proc/mounts", "ip -o link", "find /sys/fs/cgroup -name " + name, "pgrep -f 'sleep 999[.]25'", "hostname"} {
		output, _ := exec.CommandContext(t.Context(), "sh", "-c", command).Output() //nolint:gosec // G204: a constant
		all.Write(output)
	}
	return all.String()
}

func TestMachineLeavesNothing(t *testing.T) {
	for name, end := range map[string]func(*exec.Cmd) error{
		"killed": func(p *exec.Cmd) error { return p.Process.Kill() },
		"all interrupted": func(p *exec.Cmd) error {
			return exec.Command("pkill", "-INT", "-f", filepath.Base(p.Path)+" (start-a-machine|machine-clean)").Run() //nolint:gosec,noctx // G204: our processes
		},
		"terminated": func(p *exec.Cmd) error { return p.Process.Signal(syscall.SIGTERM) },
		"its first one killed": func(p *exec.Cmd) error {
			return exec.Command("pkill", "-KILL", "-P", strconv.Itoa(p.Process.Pid), "-f", "machine-init").Run() //nolint:gosec,noctx // G204: our process
		},
	} {
		t.Run(name, func(t *testing.T) {
			before := traces(t)
			state := filepath.Join(t.TempDir(), "state")
			process, said := begin(t, state)
			assert.Equal(t, "machine 0\n", said, "its own name and an empty /var/lib")
			require.NoError(t, end(process))
			_ = process.Wait()
			awaitEnd(t, state)
			assert.Equal(t, before, traces(t))
		})
	}
}

// While a machine runs, nobody gets its state, and no other machine its control groups.
func TestMachineIsAlone(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	begin(t, state)
	_, err := machine.NewState(state)
	require.EqualError(t, err, state+" is in use by another process")
	other, err := machine.NewState(filepath.Join(t.TempDir(), "other"))
	require.NoError(t, err)
	_, err = machine.Start(machine.Config{Name: name, State: other, Command: []string{"/bin/true"}})
	require.ErrorContains(t, err, "another machine is in")
	require.NoError(t, other.Remove())
}

func TestNewStateRefusesOtherFolders(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "file"), nil, 0o600))
	_, err := machine.NewState(folder)
	require.ErrorContains(t, err, "got a folder with other files, want one that does not exist")
	assert.FileExists(t, filepath.Join(folder, "file"))
}

// A state that a killed process left is made anew.
func TestNewStateTakesOverALeftOne(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "state")
	state, err := machine.NewState(folder)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "file"), nil, 0o600))
	machine.Unlock(state)
	again, err := machine.NewState(folder)
	require.NoError(t, err)
	assert.NoFileExists(t, filepath.Join(folder, "file"))
	require.NoError(t, again.Remove())
}
