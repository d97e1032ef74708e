#!/usr/bin/env bash
# Installs what gemeo needs on Debian 12, and nothing that is there already.
# usage: scripts/setup.sh [FURTHER_PACKAGE ...]      (GEMEO_VIEWER=OFF leaves the viewer's packages out)
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
installed() { dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed; }
for package in "$@"; do installed "$package" || missing+=("$package"); done
while read -r package kind; do
  case "$package" in '' | '#'*) continue ;; esac
  [ "${kind:-}" = viewer ] && [ "${GEMEO_VIEWER:-ON}" = OFF ] && continue
  installed "$package" || missing+=("$package")
done < scripts/packages.txt

if [ ${#missing[@]} -eq 0 ]; then
  echo "setup: all packages are installed"
  exit 0
fi
echo "setup: installing ${#missing[@]} packages: ${missing[*]}"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "setup: run as root, or install: apt-get install ${missing[*]}" >&2; exit 2; }
  as_root=(sudo)
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -q >/dev/null || { echo "setup: apt-get update failed" >&2; exit 1; }
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >/tmp/gemeo-setup.log 2>&1 ||
  { tail -n 20 /tmp/gemeo-setup.log >&2; echo "setup: apt-get install failed, see /tmp/gemeo-setup.log" >&2; exit 1; }
echo "setup: done"
