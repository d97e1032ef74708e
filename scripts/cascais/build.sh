#!/bin/bash
# Builds data/cascais from data/cascais/sources, in order: network and zone edges, demand, buses.
# usage: scripts/cascais/build.sh [--check]     --check: fail when what is committed is not what the sources build
# Travel times and counts come from simulations that take long: scripts/cascais/assign.py and make_counts.py, run by hand.
set -eu
cd "$(dirname "$0")/../.."
for step in build_network build_demand build_buses; do
  /usr/bin/python3 "scripts/cascais/$step.py" "$@"
done
