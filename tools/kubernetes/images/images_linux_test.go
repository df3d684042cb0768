package images_test

import (
	"archive/tar"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/tools/kubernetes/images"
)

// TestWrite: an image has its program, the libraries that the program is linked with, and says what to run as whom.
func TestWrite(t *testing.T) {
	t.Parallel()
	shell, err := exec.LookPath("sh")
	require.NoError(t, err)
	archive := filepath.Join(t.TempDir(), "image.tar")
	require.NoError(t, images.Image{Name: "shell:local", Files: map[string]string{"/bin/shell": shell}, Entrypoint: []string{"/bin/shell", "-c"}, Folder: "/data"}.Write(archive))

	image, err := tarball.ImageFromPath(archive, nil)
	require.NoError(t, err)
	config, err := image.ConfigFile()
	require.NoError(t, err)
	assert.Equal(t, "linux", config.OS)
	assert.Equal(t, "65532", config.Config.User)
	assert.Equal(t, "/data", config.Config.WorkingDir)
	assert.Equal(t, []string{"/bin/shell", "-c"}, config.Config.Entrypoint)

	files := filesOf(t, mutate.Extract(image))
	want, err := os.ReadFile(shell) //nolint:gosec // G304: a program of this machine
	require.NoError(t, err)
	assert.Equal(t, want, files["bin/shell"])
	assert.Greater(t, len(files), 1, "the C library")
	entries, err := os.ReadDir(filepath.Dir(archive))
	require.NoError(t, err)
	assert.Len(t, entries, 1, "nothing is left beside the archive")
}

func filesOf(t *testing.T, layers io.ReadCloser) map[string][]byte {
	t.Helper()
	defer layers.Close()
	files := map[string][]byte{}
	for archive := tar.NewReader(layers); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		require.NoError(t, err)
		assert.EqualValues(t, 0o755, header.Mode)
		files[header.Name], err = io.ReadAll(archive)
		require.NoError(t, err)
	}
}

func TestWriteSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	err := images.Image{Name: "none:local", Files: map[string]string{"/none": "/does/not/exist"}}.Write(filepath.Join(t.TempDir(), "image.tar"))
	require.ErrorContains(t, err, "image none:local: ")
	require.ErrorContains(t, err, "/does/not/exist")
}
