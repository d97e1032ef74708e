#!/usr/bin/env bash
# Builds the release, runs every benchmark, and prints what falls short of its target. Ends with 1 when something does.
# usage: scripts/bench.sh [NAME ...] [--OPTION VALUE ...]     NAME: run network ... (default: all but truth and bo4mob,
#        which take hours); options go to each benchmark named, e.g. truth --only cologne1,joined --seeds 5; figures go to
#        build/release/bench/figures.jsonl
set -euo pipefail
cd "$(dirname "$0")/.."
case "${1:-}" in -h | --help) sed -n '2,5p' "$0"; exit 0 ;; esac
build=build/release
cmake --preset release ${GEMEO_VIEWER:+-DGEMEO_VIEWER=$GEMEO_VIEWER} >/dev/null
cmake --build "$build" --target benches 2>&1 | tail -n 1
figures=$build/bench/figures.jsonl
: >"$figures"
broken=0
names=()
while [ $# -gt 0 ] && [ "${1#--}" = "$1" ]; do names+=("$1"); shift; done
if [ ${#names[@]} -eq 0 ]; then
  for b in "$build"/bench/bench_*; do
    [ -x "$b" ] && [ -f "$b" ] && [[ "$(basename "$b")" != bench_@(truth|bo4mob) ]] && names+=("$(basename "$b" | sed 's/^bench_//')")
  done
fi
for name in "${names[@]}"; do
  program=$build/bench/bench_$name
  [ -x "$program" ] || { echo "bench.sh: there is no benchmark '$name'" >&2; exit 2; }
  echo "== $name"
  out=$(mktemp)
  # 1 says that a target was missed, which the figures say too; without figures it is a failure.
  "$program" "$@" >"$out" || { grep -q '^{' "$out" || { echo "bench.sh: bench_$name failed" >&2; broken=1; }; }
  grep -v '^{' "$out" || true
  grep '^{' "$out" >>"$figures" || true
  rm -f "$out"
done
echo "== targets"
python3 - "$figures" <<'PY' || broken=1
import json, sys
figures = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
aimed = [f for f in figures if f["target"] is not None]
missed = [f for f in aimed if not f["ok"]]
for f in missed:
    value = "no figure" if f["value"] is None else f"{f['value']:.4g} {f['unit']}"
    print(f"falls short: {f['bar']}: {f['name']}: {value}, target {f['target']:g}")
print(f"{len(aimed) - len(missed)} of {len(aimed)} targets reached; all figures in {sys.argv[1]}")
sys.exit(1 if missed else 0)
PY
exit $broken
