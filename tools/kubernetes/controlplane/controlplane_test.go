package controlplane_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"deals.example/tools/kubernetes/controlplane"
	"deals.example/tools/kubernetes/manifests"
)

var asked = flag.Bool("apiserver", false, "apply the manifests to an API server") //nolint:gochecknoglobals // a flag of the test binary

const (
	root              = "../../.."
	establishedWithin = 30 * time.Second
)

// TestServerSideApply applies every overlay and every combination of components to an API server that has the definitions of the custom
// resources: strictly, as a dry run, without a warning. The namespace is there, so that it warns of pods which it would not let in.
func TestServerSideApply(t *testing.T) {
	if !*asked {
		t.Skip("make kubernetes-check runs it")
	}
	plane, err := controlplane.Start(t.Context(), filepath.Join(root, "bin"), t.TempDir())
	require.NoError(t, err)
	t.Cleanup(plane.Stop)
	tree, err := manifests.Load(root)
	require.NoError(t, err)
	own, err := tree.Own()
	require.NoError(t, err)
	combinations, err := tree.Combinations()
	require.NoError(t, err)
	apply(t, plane, read(t, tree, manifests.Base+"/namespace.yaml"), false)
	define(t, plane, tree)
	for _, folder := range slices.Concat(own, combinations) {
		t.Run(path.Base(folder), func(t *testing.T) {
			objects, err := tree.Build(folder)
			require.NoError(t, err)
			for _, object := range objects.Resources() {
				text, err := object.AsYAML()
				require.NoError(t, err)
				apply(t, plane, text, true)
			}
		})
	}
	t.Run("refusals", func(t *testing.T) { checkRefusals(t, plane, tree) })
}

func read(t *testing.T, tree *manifests.Tree, file string) []byte {
	t.Helper()
	text, err := tree.Read(file)
	require.NoError(t, err)
	return []byte(text)
}

func apply(t *testing.T, plane *controlplane.ControlPlane, object []byte, dry controlplane.DryRun) {
	t.Helper()
	warnings, err := plane.Apply(t.Context(), object, dry)
	require.NoError(t, err)
	assert.Empty(t, warnings, "%s", object)
}

// define applies the definitions of the custom resources, and returns when the API server has an object of each.
func define(t *testing.T, plane *controlplane.ControlPlane, tree *manifests.Tree) {
	t.Helper()
	files, err := manifests.Definitions(t.Context(), "../crds")
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file) //nolint:gosec // G304: a file of a pinned module
		require.NoError(t, err)
		apply(t, plane, text, false)
	}
	folder, err := tree.Combine("autoscaling", "gateway", "observability")
	require.NoError(t, err)
	objects, err := tree.Build(folder)
	require.NoError(t, err)
	for _, object := range objects.Resources() {
		text, err := object.AsYAML()
		require.NoError(t, err)
		require.EventuallyWithT(t, func(t *assert.CollectT) {
			_, err := plane.Apply(context.Background(), text, true) //nolint:usetesting // the last try may outlast the test
			assert.NoError(t, err)
		}, establishedWithin, 100*time.Millisecond)
	}
}

// checkRefusals changes one thing of objects that are right. Each change is refused, or warned of by Pod Security.
func checkRefusals(t *testing.T, plane *controlplane.ControlPlane, tree *manifests.Tree) {
	t.Helper()
	folder, err := tree.Combine("autoscaling", "gateway", "observability")
	require.NoError(t, err)
	objects, err := tree.Build(folder)
	require.NoError(t, err)
	for name, test := range map[string]struct{ kind, object, old, wrong, refused, warned string }{
		"unknown field":  {"Deployment", "price-service", "imagePullPolicy:", "imagePulPolicy:", "imagePulPolicy: field not declared in schema", ""},
		"wrong type":     {"Deployment", "price-service", "terminationGracePeriodSeconds: 25", "terminationGracePeriodSeconds: long", "expected numeric", ""},
		"invalid value":  {"Deployment", "price-service", "app.kubernetes.io/name: price-service\n  strategy", "app.kubernetes.io/name: other\n  strategy", "does not match template", ""},
		"unsafe pod":     {"Deployment", "price-service", "runAsNonRoot: true", "runAsNonRoot: false", "", "would violate PodSecurity"},
		"monitor":        {"ServiceMonitor", "deals", "scrapeTimeout:", "scrapeTimeOut:", "scrapeTimeOut: field not declared in schema", ""},
		"scaled object":  {"ScaledObject", "enrichment-worker", "pollingInterval: 5", "pollingInterval: often", "expected numeric", ""},
		"route":          {"HTTPRoute", "slo-dashboard", "type: PathPrefix", "type: Prefix", "Unsupported value", ""},
		"network policy": {"NetworkPolicy", "gateway", "operator: In", "operator: Within", "not a valid selector operator", ""},
	} {
		t.Run(name, func(t *testing.T) {
			for _, object := range objects.Resources() {
				if object.GetKind() != test.kind || object.GetName() != test.object {
					continue
				}
				text, err := object.AsYAML()
				require.NoError(t, err)
				require.Contains(t, string(text), test.old)
				warnings, err := plane.Apply(t.Context(), bytes.Replace(text, []byte(test.old), []byte(test.wrong), 1), true)
				if test.refused != "" {
					require.ErrorContains(t, err, test.refused)
					return
				}
				require.NoError(t, err)
				require.Len(t, warnings, 1)
				assert.Contains(t, warnings[0], test.warned)
				return
			}
			require.Fail(t, "no such object")
		})
	}
}

// A program that is missing is named, and what makes it.
func TestStartSaysWhatIsMissing(t *testing.T) {
	_, err := controlplane.Start(t.Context(), t.TempDir(), t.TempDir())
	require.ErrorContains(t, err, "start etcd: ")
	require.ErrorContains(t, err, "make kubernetes-check builds it")
}
