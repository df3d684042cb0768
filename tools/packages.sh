#!/usr/bin/env bash
# Makes sure that the commands which the tests run are there: packages.sh COMMAND=PACKAGE...
# As root on Debian it installs what is missing. Elsewhere it names it and succeeds: the tests that need it are
# skipped, and say so. With CI set, nothing may be skipped: it fails.
set -euo pipefail

packages=()
for pair in "$@"; do
	command -v "${pair%%=*}" >/dev/null || packages+=("${pair#*=}")
done
[[ ${#packages[@]} -gt 0 ]] || exit 0

if [[ $(id -u) -ne 0 ]] || ! command -v apt-get >/dev/null; then
	echo "not installed: ${packages[*]}; the tests that need it are skipped" >&2
	[[ -z ${CI:-} ]]
	exit
fi

echo "installing ${packages[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
