#!/usr/bin/env bash
# Installs what is missing, builds, and runs the tests.
# usage: scripts/test.sh [--all]     --all adds the slow suite (long simulations, fuzzing, sanitizers)
set -euo pipefail
cd "$(dirname "$0")/.."
all=
for a in "$@"; do
  case "$a" in
    --all) all=1 ;;
    -h | --help) sed -n '2,3p' "$0"; exit 0 ;;
    *) echo "test.sh: unknown option '$a' (known: --all)" >&2; exit 2 ;;
  esac
done
build=build/release
echo "== 1/3 packages"; scripts/setup.sh
echo "== 2/3 build in $build"
start=$SECONDS
cmake --preset release ${GEMEO_VIEWER:+-DGEMEO_VIEWER=$GEMEO_VIEWER} >/dev/null
cmake --build "$build" 2>&1 | tail -n 3
echo "built in $((SECONDS - start)) s"
echo "== 3/3 tests"
echo "next: scripts/demo.sh shows the main job end to end; scripts/bench.sh measures; scripts/check.sh checks the style"
if [ -n "$all" ]; then
  exec ctest --test-dir "$build" --output-on-failure
fi
exec ctest --test-dir "$build" --output-on-failure -LE slow
