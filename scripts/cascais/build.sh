#!/bin/bash
# Builds data/cascais from data/cascais/sources, in order: network and zone edges, demand, buses, manifest; then checks it.
# usage: scripts/cascais/build.sh [--check]     --check: fail when what is committed is not what the sources build
# travel_times.csv.gz and counts come from assignments and simulations that take long, and are made by hand.
set -eu
cd "$(dirname "$0")/../.."
for step in build_network build_demand build_buses manifest; do
  /usr/bin/python3 "scripts/cascais/$step.py" "$@"
done
/usr/bin/python3 scripts/cascais/check_city.py
