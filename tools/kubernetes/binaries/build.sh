#!/usr/bin/env bash
# Builds a program of Kubernetes: build.sh DIRECTORY PROGRAM. It must know its version, which is that of its module.
set -euo pipefail

bin=$1 program=$2
here=$(dirname "$0")
go=${GO:-go}
version=$("$go" -C "$here" list -m -f '{{.Version}}' k8s.io/kubernetes)
IFS=. read -r major minor _ <<<"${version#v}"
flags='-s -w'
for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
	flags+=" -X $package.gitVersion=$version -X $package.gitMajor=$major -X $package.gitMinor=$minor"
done
CGO_ENABLED=0 "$here/../../build.sh" "$here" "k8s.io/kubernetes/cmd/$program" -trimpath -ldflags="$flags" -o "$bin/$program"
