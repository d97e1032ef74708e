#!/usr/bin/env bash
# Installs what is missing, builds, and runs the tests. The last line is ctest's summary.
# usage: scripts/test.sh [--all]
#   --all   also: the slow tests, the unit tests and broken inputs under AddressSanitizer and UBSan, and every fuzz target
#           for 60 s (installs clang-14)
set -euo pipefail
cd "$(dirname "$0")/.."
all=
for a in "$@"; do
  case "$a" in
    --all) all=1 ;;
    -h | --help) sed -n '2,5p' "$0"; exit 0 ;;
    *) echo "test.sh: unknown option '$a' (known: --all)" >&2; exit 2 ;;
  esac
done
build=build/release
steps=3
[ -z "$all" ] || steps=5
built() { # preset [option] [target]: configures and builds, prints the last lines
  local start=$SECONDS
  cmake --preset "$1" ${2:+"$2"} >/dev/null
  cmake --build "build/$1" ${3:+--target "$3"} 2>&1 | tail -n 3
  echo "built in $((SECONDS - start)) s"
}
echo "== 1/$steps packages"; scripts/setup.sh
echo "== 2/$steps build in $build"; built release ${GEMEO_VIEWER:+-DGEMEO_VIEWER=$GEMEO_VIEWER}
exclude=(-LE slow)
if [ -n "$all" ]; then
  exclude=()
  echo "== 3/$steps the everyday tests under AddressSanitizer and UBSan"; built asan-ubsan
  ctest --test-dir build/asan-ubsan --output-on-failure -LE 'slow|plain_build_only' --timeout 1200
  echo "== 4/$steps fuzzing, 60 s a target"
  scripts/setup.sh clang-14 libclang-rt-14-dev; built fuzz "" fuzzers
  for target in build/fuzz/tests/fuzz/fuzz_*; do
    [ -x "$target" ] && [ ! -d "$target" ] || continue
    name=$(basename "$target")
    mkdir -p "build/fuzz/found/$name"
    echo "-- $name"
    "$target" -max_total_time=60 -rss_limit_mb=4096 -timeout=20 -print_final_stats=1 -artifact_prefix="build/fuzz/found/$name/" \
      "build/fuzz/found/$name" "tests/fuzz/corpus/${name#fuzz_}" 2>&1 | tail -n 6
  done
fi
echo "== $steps/$steps tests"
echo "next: scripts/demo.sh shows the main job end to end; scripts/bench.sh measures; scripts/check.sh checks the style"
exec ctest --test-dir "$build" --output-on-failure ${exclude[@]+"${exclude[@]}"}
