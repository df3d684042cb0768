package manifests

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
)

// definitions are the files that define the custom resources which the manifests use, by the module that brings them along.
func definitions() map[string][]string {
	return map[string][]string{
		"github.com/kedacore/keda/v2": {"config/crd/bases/keda.sh_scaledobjects.yaml"},
		"github.com/prometheus-operator/prometheus-operator": {
			"example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml",
			"example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml",
		},
		"sigs.k8s.io/gateway-api": {"config/crd/standard/gateway.networking.k8s.io_httproutes.yaml"},
	}
}

// Definitions returns the files that define the custom resources which the manifests use. They are in the modules that the module in the
// folder crds pins, which `go mod download` brings to the module cache.
func Definitions(ctx context.Context, crds string) ([]string, error) {
	var files []string
	for module, names := range definitions() {
		command := exec.CommandContext(ctx, "go", "mod", "download", "-json", module) //nolint:gosec // G204: the module is named above
		command.Dir = crds
		output, err := command.Output()
		if err != nil {
			return nil, fmt.Errorf("download %s: %w: %s", module, err, output)
		}
		var downloaded struct{ Dir string }
		if err := json.Unmarshal(output, &downloaded); err != nil {
			return nil, fmt.Errorf("download %s: %w", module, err)
		}
		for _, name := range names {
			files = append(files, filepath.Join(downloaded.Dir, filepath.FromSlash(name)))
		}
	}
	return files, nil
}
