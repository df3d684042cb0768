package machine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// kernelSettings are settings of the whole computer that a kubelet writes. The machine has files in their place.
var kernelSettings = map[string]string{ //nolint:gochecknoglobals // a constant table
	"vm/overcommit_memory":      "1",
	"vm/panic_on_oom":           "0",
	"kernel/panic":              "10",
	"kernel/panic_on_oops":      "1",
	"kernel/keys/root_maxkeys":  "1000000",
	"kernel/keys/root_maxbytes": "25000000",
}

// mountAll makes the file systems of the machine. All mounts are private, so nobody else sees them. /run, /var/lib and /var/log are its own.
func mountAll(state string) error {
	const quiet = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC
	return inOrder(
		func() error { return mount("none", "/", "", unix.MS_REC|unix.MS_PRIVATE, "") },
		func() error { return mount("proc", "/proc", "proc", quiet, "") },
		func() error { return mount("sysfs", "/sys", "sysfs", quiet, "") },
		func() error { return mount("tmpfs", groupsRoot, "tmpfs", quiet, "mode=755") },
		mountGroups,
		func() error { return hideSettings(filepath.Join(state, "kernel")) },
		func() error { return bindFolders(state) },
		func() error { return mount("tmpfs", "/run", "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=755") },
	)
}

// inOrder runs steps until one fails.
func inOrder(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func mount(source, target, kind string, flags uintptr, options string) error {
	if err := unix.Mount(source, target, kind, flags, options); err != nil {
		return fmt.Errorf("mount %s: %w", target, err)
	}
	return nil
}

// mountGroups mounts each hierarchy of control groups. A controller that shares one has a link of its own name.
func mountGroups() error {
	all, err := hierarchies()
	for _, h := range all {
		folder := filepath.Join(groupsRoot, h.folder)
		err = errors.Join(err, os.Mkdir(folder, 0o755)) //nolint:gosec // G301: as the kernel makes them
		err = errors.Join(err, mount("cgroup", folder, "cgroup", 0, mountOptions(h)))
		for controller := range strings.SplitSeq(h.folder, ",") {
			if controller != h.folder {
				err = errors.Join(err, os.Symlink(h.folder, filepath.Join(groupsRoot, controller)))
			}
		}
	}
	return err
}

// mountOptions returns how to mount a hierarchy. A named one has no controller.
func mountOptions(h hierarchy) string {
	if strings.HasPrefix(h.options, "name=") {
		return "none," + h.options
	}
	return h.options
}

// hideSettings shows files of the folder in place of the settings of the whole computer.
func hideSettings(folder string) error {
	for name, value := range kernelSettings {
		file := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(value+"\n"), 0o600); err != nil {
			return err
		}
		if err := mount(file, filepath.Join("/proc/sys", name), "", unix.MS_BIND, ""); err != nil {
			return err
		}
	}
	return nil
}

func bindFolders(state string) error {
	for _, folder := range []string{"/var/lib", "/var/log"} {
		source := filepath.Join(state, folder)
		if err := os.MkdirAll(source, 0o755); err != nil { //nolint:gosec // G301: as the one that it replaces
			return err
		}
		if err := mount(source, folder, "", unix.MS_BIND, ""); err != nil {
			return err
		}
	}
	return nil
}
