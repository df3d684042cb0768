package main

import (
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/kustomize/api/resmap"

	"deals.example/tools/kubernetes/manifests"
)

// elsewhere moves objects to a namespace of their own, where nothing runs that they would have to update.
var elsewhere = strings.NewReplacer("namespace: deals\n", "namespace: dry-run\n", "name: deals\n", "name: dry-run\n") //nolint:gochecknoglobals // a constant

// testManifests applies every overlay and every combination of components as a dry run: strictly, and without a warning.
func (c *cluster) testManifests(t *testing.T) {
	tree, err := manifests.Load(root)
	require.NoError(t, err)
	own, err := tree.Own()
	require.NoError(t, err)
	combinations, err := tree.Combinations()
	require.NoError(t, err)
	c.define(t)
	namespace, err := tree.Read(manifests.Base + "/namespace.yaml")
	require.NoError(t, err)
	_, err = c.output(t.Context(), elsewhere.Replace(namespace), "apply", "--server-side", "--filename=-")
	require.NoError(t, err)
	for _, folder := range slices.Concat(own, combinations) {
		t.Run(path.Base(folder), func(t *testing.T) {
			objects, err := tree.Build(folder)
			require.NoError(t, err)
			text, err := objects.AsYaml()
			require.NoError(t, err)
			require.NoError(t, c.dryRun(t, elsewhere.Replace(string(text))))
		})
	}
	t.Run("refusals", c.testRefusals)
}

// define applies the definitions of the custom resources.
func (c *cluster) define(t *testing.T) {
	t.Helper()
	files, err := manifests.Definitions(t.Context(), filepath.Join(root, "tools/kubernetes/crds"))
	require.NoError(t, err)
	for _, file := range files {
		require.NoError(t, c.run(t.Context(), "apply", "--server-side", "--force-conflicts", "--filename="+file))
		require.NoError(t, c.waitFor(t.Context(), "Established", "--filename="+file))
	}
}

// dryRun says what the API server thinks of objects. A warning is an error.
func (c *cluster) dryRun(t *testing.T, objects string) error {
	t.Helper()
	_, err := c.output(t.Context(), objects, "apply", "--server-side", "--force-conflicts", "--dry-run=server", "--validate=strict", "--warnings-as-errors", "--filename=-")
	return err
}

// testRefusals changes one thing of objects that are right. Each change is refused, or warned of by Pod Security.
func (c *cluster) testRefusals(t *testing.T) {
	tree, err := manifests.Load(root)
	require.NoError(t, err)
	folder, err := tree.Combine("autoscaling", "gateway", "observability")
	require.NoError(t, err)
	objects, err := tree.Build(folder)
	require.NoError(t, err)
	for name, test := range map[string]struct{ kind, object, old, wrong, says string }{
		"unknown field":  {"Deployment", "price-service", "imagePullPolicy:", "imagePulPolicy:", "imagePulPolicy: field not declared in schema"},
		"wrong type":     {"Deployment", "price-service", "terminationGracePeriodSeconds: 25", "terminationGracePeriodSeconds: long", "expected numeric"},
		"invalid value":  {"Deployment", "price-service", "app.kubernetes.io/name: price-service\n  strategy", "app.kubernetes.io/name: other\n  strategy", "does not match template"},
		"unsafe pod":     {"Deployment", "price-service", "runAsNonRoot: true", "runAsNonRoot: false", "would violate PodSecurity"},
		"monitor":        {"ServiceMonitor", "deals", "scrapeTimeout:", "scrapeTimeOut:", "scrapeTimeOut: field not declared in schema"},
		"scaled object":  {"ScaledObject", "enrichment-worker", "pollingInterval: 5", "pollingInterval: often", "expected numeric"},
		"route":          {"HTTPRoute", "slo-dashboard", "type: PathPrefix", "type: Prefix", "Unsupported value"},
		"network policy": {"NetworkPolicy", "gateway", "operator: In", "operator: Within", "not a valid selector operator"},
	} {
		t.Run(name, func(t *testing.T) {
			text := object(t, objects, test.kind, test.object)
			require.Contains(t, text, test.old)
			assert.ErrorContains(t, c.dryRun(t, strings.Replace(text, test.old, test.wrong, 1)), test.says)
		})
	}
}

// object returns one of the objects in YAML.
func object(t *testing.T, of resmap.ResMap, kind, name string) string {
	t.Helper()
	for _, one := range of.Resources() {
		if one.GetKind() == kind && one.GetName() == name {
			text, err := one.AsYAML()
			require.NoError(t, err)
			return string(text)
		}
	}
	require.Fail(t, "no such object", "%s %s", kind, name)
	return ""
}
