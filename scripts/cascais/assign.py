#!/usr/bin/python3
"""Finds the travel times that drivers of Cascais plan by: data/cascais/travel_times.csv.gz; and the flows signals are timed for.

usage: scripts/cascais/assign.py [--times-only] [--iterations N] [--from HH --to HH] [--start static|city] [--gemeo PROGRAM] [--keep FOLDER]
  --start        static: times and flows of a static assignment (static_assignment.py; default); city: the committed times
  --times-only   leaves the flows as they are: the last step, when the network that came of them is final
  --iterations   simulations after that (each routes the demand by the times so far, vehicle by vehicle; default 0)
  --from, --to   hours simulated; the others keep the times they had (default 0 to 24)
  --keep FOLDER  working folder: one result file and one line of progress an iteration
  --jobs N       seeds simulated at a time in each iteration, and averaged (default 1)

Method of successive averages over simulations (Sheffi, Urban Transportation Networks, 1985, ch. 5): times of iteration k are
those of k-1 moved 1/(k+1) of the way to what the simulation measured. Measured times of an edge are kept between free
flow and 15 times that + 4 minutes: a jam's exact depth is noise. Hours are 3600 s slots of the departure from home onwards.

The static assignment also writes sources/turn_flows.csv: what each turn at a signal or on a roundabout carries in the peaks.
Run build.sh then: signals get the greens, approaches the lanes and markings for them; and at last this with --times-only.
"""
import argparse
import collections
import csv
import gzip
import io
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

import static_assignment

ROOT = pathlib.Path(__file__).resolve().parents[2]
CITY = ROOT / "data" / "cascais"
HOUR, HOURS = 3600, 24
PEAKS = {"morning": 8, "evening": 17}  # hours
DEEPEST = lambda free: 15 * free + 240
TOLD_FROM = 1.05                  # times nearer to free flow than this are not written


class Edges:
    """Free-flow times of the edges."""

    def __init__(self):
        root = ElementTree.fromstring(gzip.decompress((CITY / "cascais.net.xml.gz").read_bytes()))
        self.free = {}
        for e in root.findall("edge"):
            if e.get("function", "normal") == "normal":
                lanes = e.findall("lane")
                self.free[e.get("id")] = float(lanes[0].get("length")) / max(float(x.get("speed")) for x in lanes)


def read_times(path, edges):
    times = {}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as f:
        for r in csv.DictReader(f):
            if r["edge_id"] in edges.free:
                times[int(float(r["begin_s"])) // HOUR, r["edge_id"]] = float(r["travel_time_s"])
    return times


def write_times(path, times, edges):
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(["begin_s", "edge_id", "travel_time_s"])
    for hour in range(HOURS):
        for e in sorted(edges.free):
            t = times.get((hour, e), 0.0)
            if t > TOLD_FROM * edges.free[e]:
                out.writerow([hour * HOUR, e, f"{t:.1f}"])
    if not times:
        out.writerow([0, min(edges.free), f"{edges.free[min(edges.free)]:.1f}"])
    with open(path, "wb") as f, gzip.GzipFile(fileobj=f, mode="wb", mtime=0, filename="") as z:
        z.write(text.getvalue().encode())


def scenario_text(city, first, last):
    return f'title = "Assignment"\ncity = "{city}"\n[time]\nbegin = "{first:02d}:00"\nend = "{last:02d}:00"\n'


def simulate(gemeo, folder, seeds, jobs):
    """Reports of the runs; result files lie in folder/out."""
    command = [gemeo, "run", str(folder / "assignment.toml"), "-o", str(folder / "out"), "--seeds", seeds, "-j", str(jobs),
               "--interval", str(HOUR), "--no-emissions", "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"gemeo run failed:\n{done.stderr[-3000:]}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def measured(gemeo, result, edges):
    """{(hour, edge): travel time s} of a result file."""
    done = subprocess.run([gemeo, "export", result, "--format", "csv", "--what", "edges", "-o", "-"], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"gemeo export failed:\n{done.stderr[-3000:]}")
    times = {}
    for r in csv.DictReader(io.StringIO(done.stdout)):
        if r["edge"] in edges.free and r["travel_time"] not in ("", "nan"):
            times[int(float(r["begin_s"])) // HOUR, r["edge"]] = float(r["travel_time"])
    return times


def write_turn_flows(rows):
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(["from_edge", "to_edge", *(f"{p}_veh_per_h" for p in PEAKS)])
    out.writerows(rows)
    (CITY / "sources" / "turn_flows.csv").write_text(text.getvalue(), encoding="utf-8")


def average(times, runs, edges, hours, weight):
    gap = total = 0.0
    for hour in hours:
        for e, free in edges.free.items():
            seen = [min(max(r[hour, e], free), DEEPEST(free)) for r in runs if (hour, e) in r]
            new = sum(seen) / len(seen) if seen else free
            old = times.get((hour, e), free)
            gap, total = gap + abs(new - old), total + old
            times[hour, e] = old + weight * (new - old)
    return gap / total


def report_line(k, reports, gap):
    share = lambda r, key: r[key] / max(1, r["departed"] + r["backlog"])
    figures = [f"teleports {share(r, 'teleports'):.3%}, never inserted {share(r, 'backlog'):.3%}, loss {r['mean_time_loss_s']:.0f} s, "
               f"cpu {r['cpu_s']:.0f} s, wall {r['wall_s']:.0f} s" for r in reports]
    return f"iteration {k}: {'; '.join(figures)}; change of times {gap:.1%}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times-only", action="store_true")
    parser.add_argument("--iterations", type=int, default=0)
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--to", dest="last", type=int, default=24)
    parser.add_argument("--start", choices=("static", "city"), default="static")
    parser.add_argument("--gemeo", default=str(ROOT / "build" / "release" / "bin" / "gemeo"))
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--keep", type=pathlib.Path)
    args = parser.parse_args()
    edges = Edges()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (args.keep or pathlib.Path(temporary)).resolve()
        assign(args, edges, folder)


def assign(args, edges, folder):
    town = folder / "town"
    shutil.rmtree(town, ignore_errors=True)
    shutil.copytree(CITY, town)
    if args.start == "city":
        times = read_times(CITY / "travel_times.csv.gz", edges)
    else:
        graph, by_hour = static_assignment.volumes(CITY)
        times = static_assignment.travel_times(graph, by_hour)
        if not args.times_only:
            write_turn_flows(static_assignment.turn_flows(graph, by_hour, PEAKS.values()))
    (folder / "assignment.toml").write_text(scenario_text(town, args.first, args.last), encoding="utf-8")
    for k in range(1, args.iterations + 1):
        write_times(town / "travel_times.csv.gz", times, edges)
        shutil.rmtree(folder / "out", ignore_errors=True)
        seeds = f"{1000 + k * args.jobs}-{1000 + k * args.jobs + args.jobs - 1}"
        reports = simulate(args.gemeo, folder, seeds, args.jobs)
        runs = [measured(args.gemeo, r["result_file"], edges) for r in reports]
        gap = average(times, runs, edges, range(args.first, args.last), 1.0 / (k + 1))
        print(report_line(k, reports, gap), flush=True)
        write_times(folder / f"times_{k}.csv.gz", times, edges)
    write_times(CITY / "travel_times.csv.gz", times, edges)


if __name__ == "__main__":
    main()
