#!/usr/bin/env bash
# Makes a machine ready: Debian libraries, a virtual environment, the locked packages, the members.
# With --browser, only the browser that the portal's tests drive.
set -euo pipefail
cd "$(dirname "$0")/.."

PATH=$PATH:/usr/sbin:/sbin # an ordinary user's PATH lacks where ldconfig lies
PYTHON=${PYTHON:-python3.11}
DEBIAN_PACKAGES=(libegl1 libgles2 libgl1 libglib2.0-0)
VENV_PACKAGE=python3.11-venv
BROWSER=chromium
LIBRARIES=(libEGL.so.1 libGLESv2.so.2 libGL.so.1 libglib-2.0.so.0)
MEMBERS=(libs/contracts libs/chassis services/gateway services/media services/proctoring
  services/evaluation services/notifier cli samples)

say() { printf '%s\n' "$*" >&2; }
stop() { say "$*"; exit 1; }

missing_libraries() {
  local known library
  known=$(ldconfig -p)
  for library in "${LIBRARIES[@]}"; do
    grep -qF "$library" <<<"$known" || printf '%s ' "$library"
  done
}

debian_packages() { # WHAT PACKAGE...: install the packages that hold WHAT is missing, or say that they are
  local missing=$1
  shift
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "Installing the Debian packages $* ..."
    apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@" >/dev/null
  else
    stop "Vivavoce needs ${missing}: install the packages $* and run this again."
  fi
}

libraries() {
  local missing
  missing=$(missing_libraries)
  [ -z "$missing" ] || debian_packages "the libraries ${missing% }" "${DEBIAN_PACKAGES[@]}"
}

interpreter() {
  command -v "$PYTHON" >/dev/null || PYTHON=python3
  "$PYTHON" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null ||
    stop "Vivavoce needs Python 3.11: install it, or name it as PYTHON=/path/to/python3.11."
  "$PYTHON" -c 'import ensurepip' 2>/dev/null || debian_packages "Python's ensurepip" "$VENV_PACKAGE"
}

fingerprint() {
  cat requirements.lock tools/bootstrap.lock "${MEMBERS[@]/%//pyproject.toml}" | sha256sum | cut -d' ' -f1
}

virtual_environment() {
  "$PYTHON" -m venv .venv || stop "$PYTHON can't make a virtual environment: name another as PYTHON=/path/to/python3.11."
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tools/bootstrap.lock
}

packages() {
  say "Installing the locked packages (about 1.3 GB, once) ..."
  .venv/bin/uv pip install --quiet --require-hashes -r requirements.lock
  local editable=()
  for member in "${MEMBERS[@]}"; do editable+=(-e "$member"); done
  .venv/bin/uv pip install --quiet --no-deps --no-build-isolation "${editable[@]}"
}

browser() {
  command -v "$BROWSER" >/dev/null || (debian_packages "a browser for the portal's tests" "$BROWSER") ||
    say "Without it they are skipped."
}

if [ "${1:-}" = --browser ]; then
  browser
  exit 0
fi
libraries
stamp=.venv/ready
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(fingerprint)" ]; then exit 0; fi
interpreter
virtual_environment
packages
fingerprint >"$stamp"
