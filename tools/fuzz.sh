#!/usr/bin/env bash
# Runs every fuzz target of the module for a while, one after the other: fuzz.sh DURATION
set -euo pipefail

duration=$1
grep -rHoE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' . | sort -u |
	while IFS=: read -r file match; do
		echo "--- $(dirname "$file") ${match#func }"
		go test -run='^$' -fuzz="^${match#func }\$" -fuzztime="$duration" "$(dirname "$file")"
	done
