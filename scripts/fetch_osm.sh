#!/usr/bin/env bash
# Fetches the streets of a place from OpenStreetMap (Overpass API), as OSM XML for `gemeo import`. Needs internet and curl.
# usage: scripts/fetch_osm.sh PLACE [-o FILE]          PLACE: "Cascais", "Cascais, Portugal"; a municipality is preferred
#        scripts/fetch_osm.sh --box W,S,E,N -o FILE    the streets of a box, in degrees
#   -o FILE   default: PLACE.osm in the current folder. Then: gemeo import FILE -o data/PLACE
# Large regions: take an extract of https://download.geofabrik.de and cut it with gemeo import --box or --polygon.
# GEMEO_OVERPASS: another Overpass server than https://overpass-api.de/api/interpreter
set -euo pipefail
server=${GEMEO_OVERPASS:-https://overpass-api.de/api/interpreter}
names=https://nominatim.openstreetmap.org/search
usage() { sed -n '3,7p' "$0" | sed 's/^# \{0,1\}//'; }
fail() { # exit code, message, hint
  echo "fetch_osm.sh: $2${3:+ ($3)}" >&2
  exit "$1"
}
place= box= out=
while [ $# -gt 0 ]; do
  case "$1" in
    -h | --help) usage; exit 0 ;;
    --box) [ $# -ge 2 ] || fail 2 "--box needs W,S,E,N"; box=$2; shift ;;
    --box=*) box=${1#*=} ;;
    -o) [ $# -ge 2 ] || fail 2 "-o needs a file"; out=$2; shift ;;
    -*) fail 2 "unknown option '$1'" "known: --box -o --help" ;;
    *) [ -z "$place" ] || fail 2 "one place at a time: '$place' or '$1'?" "quote names of several words"; place=$1 ;;
  esac
  shift
done
[ -n "$place$box" ] || { usage >&2; exit 2; }
[ -z "$place" ] || [ -z "$box" ] || fail 2 "give a place or a box, not both"
[ -n "$place" ] || [ -n "$out" ] || fail 2 "a box has no name: say where to write" "-o FILE"
[ -n "$out" ] || out=$(printf '%s' "${place%%,*}" | tr -c 'A-Za-z0-9\n' '_' | tr 'A-Z' 'a-z').osm
[ ! -d "$out" ] || fail 2 "'$out' is a folder"
[ ! -e "$out" ] || fail 2 "'$out' exists already" "remove it, or name another file with -o"
[ -d "$(dirname "$out")" ] && [ -w "$(dirname "$out")" ] || fail 2 "cannot write '$out'" "is its folder there?"
command -v curl >/dev/null || fail 1 "curl is not installed" "apt-get install curl"

partial=$out.partial
trap 'rm -f "$partial" "$partial.place"' EXIT
trap 'exit 1' INT TERM
get() { # what, file, curl arguments
  local what=$1 file=$2 code=0
  shift 2
  curl --fail --silent --show-error --location --max-time 900 --connect-timeout 20 \
    --user-agent "gemeo fetch_osm.sh (traffic simulation)" --output "$file" "$@" || code=$?
  case $code in
    0) ;;
    6 | 7 | 28 | 35) fail 1 "no connection to $what" "is there internet here? behind a proxy set https_proxy" ;;
    22) fail 1 "$what refused the request" "it is busy or the area is too large: wait a minute, or use a Geofabrik extract" ;;
    *) fail 1 "cannot fetch from $what (curl ended with $code)" ;;
  esac
}

if [ -n "$box" ]; then
  number='-?[0-9]+(\.[0-9]+)?'
  [[ $box =~ ^$number,$number,$number,$number$ ]] || fail 2 "'$box' is not W,S,E,N in degrees" "e.g. -9.50,38.68,-9.31,38.78"
  IFS=, read -r w s e n <<<"$box"
  awk "BEGIN { exit !($w < $e && $s < $n && $w >= -180 && $e <= 180 && $s >= -90 && $n <= 90) }" ||
    fail 2 "the box '$box' is empty or not on the globe" "west before east, south before north"
  within="($s,$w,$n,$e)"
  area=
else
  echo "looking up '$place'"
  get "Nominatim" "$partial.place" --get "$names" --data-urlencode "q=$place" --data format=json --data limit=10
  id=$(python3 - "$partial.place" <<'PY'
import json, sys
found = [p for p in json.load(open(sys.argv[1], encoding="utf-8")) if p.get("osm_type") in ("relation", "way")]
found.sort(key=lambda p: (p.get("class") != "boundary", p.get("osm_type") != "relation"))
if found:
    print((3600000000 if found[0]["osm_type"] == "relation" else 2400000000) + int(found[0]["osm_id"]), found[0]["display_name"])
PY
  ) || fail 1 "Nominatim's answer cannot be read"
  [ -n "$id" ] || fail 2 "OpenStreetMap knows no area called '$place'" "add the country, or use --box W,S,E,N"
  echo "fetching the streets of ${id#* }"
  area="area(${id%% *})->.place;"
  within="(area.place)"
fi
query="[out:xml][timeout:600];${area}way[highway]$within->.streets;(.streets;>;rel(bw.streets)[type=restriction];);out body;"
get "Overpass" "$partial" "$server" --data-urlencode "data=$query"
grep -q '<way ' "$partial" || fail 1 "the answer holds no street" "see if the place is right: $place$box"
grep -q '</osm>' "$partial" || fail 1 "the answer is cut off" "try again"
mv "$partial" "$out"
echo "$out: $(grep -c '<way ' "$out") ways. Data © OpenStreetMap contributors, ODbL 1.0. Next: gemeo import $out -o data/$(basename "${out%.osm}")"
