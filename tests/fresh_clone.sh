#!/usr/bin/env bash
# Does what a stranger does: clones into an empty folder and runs the README's two commands. The demo is run
# twice: what the first run has to install and to make, the second one has.
set -euo pipefail
source=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
git clone --quiet "$source" "$folder/vivavoce"
cd "$folder/vivavoce"
time make demo
time timeout 90 make demo
time make test
