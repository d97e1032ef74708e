#!/usr/bin/env bash
# The main job, end to end, on the embedded twin of Cascais: installs what is missing, builds, checks a scenario, fits the
# demand to the embedded counts, runs the peak of a weekday morning (07:45 to 08:15, of which 15 minutes fill the network) and
# the same with the Marginal closed to cars, compares the two, and draws a picture.
# usage: scripts/demo.sh [--seeds N] [--out FOLDER]     (default: 3 seeds, out/demo)
set -euo pipefail
cd "$(dirname "$0")/.."
seeds=3 out=out/demo
while [ $# -gt 0 ]; do
  case "$1" in
    --seeds) seeds=${2:?--seeds needs a number}; shift 2 ;;
    --out) out=${2:?--out needs a folder}; shift 2 ;;
    -h | --help) sed -n '2,5p' "$0"; exit 0 ;;
    *) echo "demo.sh: unknown option '$1' (known: --seeds --out)" >&2; exit 2 ;;
  esac
done
build=build/release
jobs=$(nproc)
base=scenarios/cascais/weekday_morning.toml
other=scenarios/cascais/morning_marginal_closed.toml
window=(--set time.begin=07:45 --set time.end=08:15 --set time.warm_up_s=900)
often=(--interval 300)
fit=(--set demand.begin=07:30 --set demand.end=08:15 --set counts.begin=07:45 --set fit.iterations=4 --set judge.prior_seeds=1 --seeds 2)
begun=$SECONDS
step() { printf '\n== %s   (%d min %02d s so far)\n' "$1" $(((SECONDS - begun) / 60)) $(((SECONDS - begun) % 60)); }
show() { printf '$ %s\n' "$*"; "$@"; }

step "1/7 packages"
scripts/setup.sh
step "2/7 build gemeo in $build"
cmake --preset release ${GEMEO_VIEWER:+-DGEMEO_VIEWER=$GEMEO_VIEWER} >/dev/null
targets=(gemeo gemeo-calibrate)
[ "${GEMEO_VIEWER:-ON}" = OFF ] || targets+=(gemeo-view)
cmake --build "$build" --target "${targets[@]}" | tail -n 1
gemeo=$build/bin/gemeo

step "3/7 what the intervention touches, before anything runs"
show "$gemeo" check "$other" "${window[@]}"
step "4/7 calibrate: the demand of those minutes, fitted to the embedded counts (synthetic ones), a third of the stations held out"
mkdir -p "$out"
show "$gemeo" calibrate scenarios/cascais/calibration/morning.toml -o "$out/calibration" "${fit[@]}" | tee "$out/calibration.txt"
window+=(--set "calibrated=$out/calibration/factors.csv")
step "5/7 simulate: $seeds seeds of each, $jobs at a time"
simulate() { # scenario, runs at a time; with the engine that the demand was fitted with (SUMO takes six times as long)
  show "$gemeo" run "$1" --engine tbb "${window[@]}" "${often[@]}" --seeds "$seeds" -j "$2" -o "$out" --resume
}
if [ "$jobs" -gt 1 ]; then  # both at once: with an odd number of seeds no processor waits
  mkdir -p "$out"
  simulate "$other" $((jobs / 2)) >"$out/closed.txt" 2>&1 &
  closed=$!
  trap 'kill "$closed" 2>/dev/null || true' EXIT
  simulate "$base" $((jobs - jobs / 2))
  status=0
  wait "$closed" || status=$?
  trap - EXIT
  cat "$out/closed.txt"
  rm "$out/closed.txt"
  [ "$status" -eq 0 ] || exit "$status"
else
  simulate "$base" 1
  simulate "$other" 1
fi
step "6/7 compare"
show "$gemeo" compare "$out/weekday_morning" "$out/morning_marginal_closed" --html "$out/report.html"
if [ "${GEMEO_VIEWER:-ON}" != OFF ]; then
  step "7/7 a picture"
  first=$(ls "$out"/morning_marginal_closed/seed_*.h5 | head -n 1)
  show "$gemeo" view "$first" --screenshot "$out/marginal_closed.png" --time 08:10
fi

step "done"
cat <<END
  fit to the embedded, synthetic counts (method, not measurement), at stations that were never fitted:
$(sed -n 's/^stations held out: /    /p' "$out/calibration.txt")
  its page:                                            $out/calibration/report.html
  report (open in a browser, Portuguese and English):  $out/report.html
  picture:                                             $out/marginal_closed.png
  results (HDF5, one file a run):                      $out/*/seed_*.h5

Try next:
  $gemeo view $out/weekday_morning/seed_0001.h5                     watch the morning
  $gemeo check scenarios/cascais/incident_a5.toml        another question: an incident on the A5 at 08:15
  $gemeo run scenarios/cascais/incident_a5.toml --seeds 5 -j $jobs
  $gemeo import CITY.osm.pbf -o data/mycity              your own city
  scripts/test.sh                                        build and run the tests
END
