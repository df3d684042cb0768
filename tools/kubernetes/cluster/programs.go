package main

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"deals.example/tools/kubernetes/images"
)

// needed are programs of the system that a throwaway cluster runs, with the Debian packages that have them.
var needed = map[string]string{ //nolint:gochecknoglobals // a constant table
	"containerd":              "containerd",
	"ctr":                     "containerd",
	"runc":                    "runc",
	"ip":                      "iproute2",
	"nft":                     "nftables",
	"ldd":                     "libc-bin",
	"redis-server":            "redis-server",
	"redis-cli":               "redis-tools",
	"/usr/lib/cni/bridge":     "containernetworking-plugins",
	"/usr/lib/cni/host-local": "containernetworking-plugins",
	"/usr/lib/cni/loopback":   "containernetworking-plugins",
}

// checkPrograms returns an error that names what is missing.
func checkPrograms() error {
	var missing []string
	for _, program := range slices.Sorted(maps.Keys(needed)) {
		if _, err := exec.LookPath(program); err != nil {
			missing = append(missing, fmt.Sprintf("%s (Debian package %s)", program, needed[program]))
		}
	}
	if missing == nil {
		return nil
	}
	return fmt.Errorf("not installed: %s", strings.Join(missing, ", "))
}

// writeImages makes the images that the manifests of the overlay name, and those of the cluster itself.
func writeImages(bin, folder string, autoscaling bool) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	all, err := imagesOf(bin, autoscaling)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "making images")
	for _, image := range all {
		file := strings.NewReplacer("/", "-", ":", "-").Replace(image.Name) + ".tar"
		if err := image.Write(filepath.Join(folder, file)); err != nil {
			return err
		}
	}
	return nil
}

func imagesOf(bin string, autoscaling bool) ([]images.Image, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	redis, err := found("redis-server", "redis-cli", "sh", "grep")
	if err != nil {
		return nil, err
	}
	built := func(image, program, at string) images.Image {
		return images.Image{Name: image, Files: map[string]string{at: filepath.Join(bin, program)}, Entrypoint: []string{at}}
	}
	deals := built("deals-under-load:latest", "deals", "/deals")
	deals.Files["/k6"], deals.Files["/promtool"] = filepath.Join(bin, "k6"), filepath.Join(bin, "promtool")
	all := []images.Image{
		deals,
		built("deals-under-load-alertmanager:latest", "alertmanager", "/bin/alertmanager"),
		built("prometheus:local", "prometheus", "/bin/prometheus"),
		{Name: "redis:local", Files: redis, Folder: "/data"},
		{Name: "pause:local", Files: map[string]string{"/pause": self}, Entrypoint: []string{"/pause", "pause"}},
		built("coredns:local", "coredns", "/coredns"),
	}
	if autoscaling {
		all = append(all,
			built("metrics-server:local", "metrics-server", "/metrics-server"),
			built("keda-operator:local", "keda-operator", "/keda"),
			built("keda-adapter:local", "keda-adapter", "/keda-adapter"),
		)
	}
	return all, nil
}

// found returns the paths of programs of this system, by where they are in an image.
func found(programs ...string) (map[string]string, error) {
	paths := map[string]string{}
	for _, program := range programs {
		path, err := exec.LookPath(program)
		if err != nil {
			return nil, err
		}
		paths["/usr/bin/"+program] = path
	}
	return paths, nil
}
