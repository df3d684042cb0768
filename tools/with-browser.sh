#!/usr/bin/env bash
# Runs a command with CHROMIUM set to the browser of this machine: with-browser.sh COMMAND [ARGUMENT]...
# Where there is none it says so and succeeds: what needs one is skipped.
set -euo pipefail

for browser in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
	if path=$(command -v "$browser"); then
		CHROMIUM=$path exec "$@"
	fi
done
echo "no chromium on PATH, none named by CHROMIUM: skipped: $*" >&2
