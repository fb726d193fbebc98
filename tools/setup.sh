#!/usr/bin/env bash
# Makes a machine ready: Debian libraries, a virtual environment, the locked packages, the members.
set -euo pipefail
cd "$(dirname "$0")/.."

PYTHON=${PYTHON:-python3.11}
DEBIAN_PACKAGES=(libegl1 libgles2)
MEMBERS=(libs/contracts libs/chassis services/gateway services/media services/proctoring
  services/evaluation services/notifier cli samples)

say() { printf '%s\n' "$*" >&2; }
stop() { say "$*"; exit 1; }

debian_libraries() {
  if ldconfig -p | grep -q 'libEGL\.so\.1' && ldconfig -p | grep -q 'libGLESv2\.so\.2'; then return; fi
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "Installing the Debian packages ${DEBIAN_PACKAGES[*]} ..."
    apt-get update -qq && apt-get install -y -qq --no-install-recommends "${DEBIAN_PACKAGES[@]}" >/dev/null
  else
    stop "Vivavoce needs the libraries libEGL.so.1 and libGLESv2.so.2: install the packages ${DEBIAN_PACKAGES[*]} and run this again."
  fi
}

fingerprint() {
  cat requirements.lock tools/bootstrap.lock "${MEMBERS[@]/%//pyproject.toml}" | sha256sum | cut -d' ' -f1
}

virtual_environment() {
  command -v "$PYTHON" >/dev/null || PYTHON=python3
  "$PYTHON" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null ||
    stop "Vivavoce needs Python 3.11: install it, or name it as PYTHON=/path/to/python3.11."
  "$PYTHON" -m venv .venv || stop "Python's venv module is missing: install the package python3.11-venv and run this again."
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tools/bootstrap.lock
}

packages() {
  say "Installing the locked packages (about 1.3 GB, once) ..."
  .venv/bin/uv pip install --quiet --require-hashes -r requirements.lock
  local editable=()
  for member in "${MEMBERS[@]}"; do editable+=(-e "$member"); done
  .venv/bin/uv pip install --quiet --no-deps --no-build-isolation "${editable[@]}"
}

debian_libraries
stamp=.venv/ready
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(fingerprint)" ]; then exit 0; fi
virtual_environment
packages
fingerprint >"$stamp"
