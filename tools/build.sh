#!/usr/bin/env bash
# Builds a program from a module of its own, which takes minutes the first time, and says how far it is:
# build.sh MODULE PACKAGE GO-BUILD-FLAG...
set -euo pipefail

module=$1 package=$2
shift 2
go=${GO:-go}
all=$("$go" -C "$module" list -deps "$package" | wc -l)
[[ -t 1 ]] && every=1 end='\r' || every=200 end='\n'

# A line without a space is a package that is compiled; what is cached has none.
"$go" -C "$module" build -v "$@" "$package" 2>&1 | awk -v all="$all" -v every="$every" -v end="$end" '
	/^go: downloading / { if (++modules % every == 0) { printf "  downloading, %d modules" end, modules; fflush() } next }
	/ /                 { print; next }
	                    { if (++packages % every == 0) { printf "  compiling, %d of at most %d packages" end, packages, all; fflush() } }
	END                 { if (packages) printf "  compiled %d packages           \n", packages }'
