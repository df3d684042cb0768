// Package crds pins the modules that bring along the definitions of the custom resources which the manifests use, as YAML. It imports the
// smallest package of each, so that go.mod keeps it.
package crds

import (
	_ "github.com/kedacore/keda/v2/version"
	_ "github.com/prometheus-operator/prometheus-operator/pkg/versionutil"
	_ "sigs.k8s.io/gateway-api/pkg/consts"
)
