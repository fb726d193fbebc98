#!/usr/bin/env bash
# Resolves every member and extra once: versions and hashes, no addresses.
set -euo pipefail
cd "$(dirname "$0")/.."

OWN=()
for name in contracts chassis gateway media proctoring evaluation notifier cli samples; do
  OWN+=(--no-emit-package "vivavoce-$name")
done
COMPILE=(.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes
  --no-annotate --custom-compile-command "make lock")

"${COMPILE[@]}" "$@" --group dev pyproject.toml "${OWN[@]}" -o requirements.lock
"${COMPILE[@]}" tools/bootstrap.in -o tools/bootstrap.lock
"${COMPILE[@]}" deploy/docker/build.in -o deploy/docker/build.lock
for service in gateway media proctoring evaluation notifier; do
  "${COMPILE[@]}" --all-extras "services/$service/pyproject.toml" "${OWN[@]}" \
    --constraint requirements.lock -o "deploy/docker/$service.lock"
done
