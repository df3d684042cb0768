#!/usr/bin/env bash
# Builds Prometheus, with its page, and promtool: build.sh DIRECTORY. The page is made from the sources that the Go module
# brings along, in a copy of the module. Without npm, Prometheus is built without its page. Of service discovery it has files and DNS.
set -euo pipefail

bin=$1
here=$(dirname "$0")
go=${GO:-go}
build() { "$here/../build.sh" "$here" tool -trimpath -ldflags='-s -w' -o "$bin/" "$@"; }

if ! command -v npm >/dev/null; then
	echo 'no npm: Prometheus is built without its page' >&2
	build -tags=remove_all_sd,enable_dns_sd
	exit
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
module=github.com/prometheus/prometheus
"$go" -C "$here" mod download "$module"
cp -R "$("$go" -C "$here" list -m -f '{{.Dir}}' "$module")/." "$scratch/prometheus"
chmod -R u+w "$scratch/prometheus"

echo '  building the page of Prometheus'
log=$scratch/page.log
if ! (
	cd "$scratch/prometheus/web/ui"
	npm ci --ignore-scripts --no-audit --no-fund
	npm run build:mantine-ui
	cd ../..
	bash scripts/compress_assets.sh # the module cache drops the executable bit
) >"$log" 2>&1; then
	tail -n 20 "$log" >&2
	exit 1
fi

cp "$here/go.mod" "$here/go.sum" "$scratch/"
"$go" mod edit -replace="$module=$scratch/prometheus" "$scratch/go.mod"
build -tags=remove_all_sd,enable_dns_sd,builtinassets -modfile="$scratch/go.mod"
