// Package images makes container images from programs of this machine, without a registry.
package images

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"regexp"
	"runtime"
	"slices"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// user runs what does not name a user. It is not root.
const user = "65532"

// Image is an image of some files.
type Image struct {
	Name       string            // with its tag
	Files      map[string]string // path in the image: path of a program here. The libraries that it is linked with come along.
	Entrypoint []string
	Folder     string // in which it starts; empty: the root
}

// Write writes the image to an archive as docker save does.
func (i Image) Write(archive string) error {
	if err := i.write(archive); err != nil {
		return fmt.Errorf("image %s: %w", i.Name, err)
	}
	return nil
}

func (i Image) write(archive string) error {
	tag, err := name.NewTag(i.Name)
	if err != nil {
		return err
	}
	files, err := i.withLibraries()
	if err != nil {
		return err
	}
	layerFile := archive + ".layer"
	defer func() { _ = os.Remove(layerFile) }()
	if err := writeLayer(layerFile, files); err != nil {
		return err
	}
	layer, err := tarball.LayerFromFile(layerFile, tarball.WithCompressionLevel(gzip.NoCompression)) // it is read once, here
	if err != nil {
		return err
	}
	image, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		return err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", runtime.GOARCH
	config.Config = v1.Config{User: user, Entrypoint: i.Entrypoint, WorkingDir: i.Folder, Env: []string{"PATH=/usr/bin:/bin"}}
	if image, err = mutate.ConfigFile(image, config); err != nil {
		return err
	}
	return tarball.WriteToFile(archive, tag, image)
}

// withLibraries returns the files, and the libraries that each is linked with at the same paths as here.
func (i Image) withLibraries() (map[string]string, error) {
	files := map[string]string{}
	for at, program := range i.Files {
		files[at] = program
		libraries, err := librariesOf(program)
		if err != nil {
			return nil, err
		}
		for _, library := range libraries {
			files[library] = library
		}
	}
	return files, nil
}

// library matches a path in what ldd prints: "libc.so.6 => /lib/libc.so.6 (0x7f)", "/lib64/ld-linux.so.2 (0x7f)".
var library = regexp.MustCompile(`(/\S+) \(0x`)

// librariesOf asks ldd, which fails for a program without any.
func librariesOf(program string) ([]string, error) {
	output, err := exec.Command("ldd", program).Output() //nolint:gosec,noctx // G204: a program that the image runs; ends at once
	if _, failed := errors.AsType[*exec.ExitError](err); err != nil && !failed {
		return nil, err
	}
	var all []string
	for _, match := range library.FindAllSubmatch(output, -1) {
		all = append(all, string(match[1]))
	}
	return all, nil
}

// writeLayer writes the files, in order, as root's and without times, so that the same files give the same layer.
func writeLayer(file string, files map[string]string) (err error) {
	out, err := os.Create(file) //nolint:gosec // G304: in a folder of the caller
	if err != nil {
		return err
	}
	defer func() {
		if closed := out.Close(); err == nil {
			err = closed
		}
	}()
	archive := tar.NewWriter(out)
	for _, at := range slices.Sorted(maps.Keys(files)) {
		if err := add(archive, at, files[at]); err != nil {
			return err
		}
	}
	return archive.Close()
}

func add(archive *tar.Writer, at, file string) error {
	in, err := os.Open(file) //nolint:gosec // G304: a program that the image runs
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	const mode = 0o755
	if err := archive.WriteHeader(&tar.Header{Name: path.Clean(at)[1:], Size: info.Size(), Mode: mode}); err != nil {
		return err
	}
	_, err = io.Copy(archive, in)
	return err
}
