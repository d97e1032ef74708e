#!/usr/bin/python3
"""Finds the travel times that drivers of Cascais plan by: data/cascais/travel_times.csv.gz; and the flows signals are timed for.

usage: scripts/cascais/assign.py [--times-only] [--iterations N] [--informed SHARE] [--from HH --to HH] [--start static|city]
                                 [--gemeo PROGRAM] [--keep FOLDER]
  --start        static: times and flows of a static assignment (static_assignment.py; default); city: the committed times
  --times-only   leaves the flows as they are: the last step, when the network that came of them is final
  --iterations   simulations after that (each routes the demand by the times so far, vehicle by vehicle; default 0)
  --informed     share of drivers in those simulations who follow live travel times (scenarios: routes.informed_share; default 0): what is
                 measured then is a network near equilibrium, not the jam that the times so far lead to
  --from, --to   hours simulated; the others keep the times they had (default 0 to 24)
  --keep FOLDER  working folder: one result file and one line of progress an iteration
  --jobs N       seeds simulated at a time in each iteration, and averaged (default 1)

Each hour has up to 8 views: sets of times, between which drivers are divided evenly (sim/routing). The static assignment gives
those that its averaged loadings were made on; a simulation puts what it measured in the place of the oldest one. Measured times of
an edge are kept between free flow and 15 times that + 4 minutes: a jam's exact depth is noise. Hours are 3600 s slots.

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


def read_views(path, edges):
    """{hour: [{edge: s} of each view]}"""
    views = collections.defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8", newline="") as f:
        for r in csv.DictReader(f):
            hour, view = int(float(r["begin_s"])) // HOUR, int(r.get("view") or 0)
            while len(views[hour]) <= view:
                views[hour].append(dict(edges.free))
            if r["edge_id"] in edges.free:
                views[hour][view][r["edge_id"]] = float(r["travel_time_s"])
    return views


def write_views(path, views, edges):
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(["begin_s", "edge_id", "travel_time_s", "view"])
    for hour in range(HOURS):
        for k, times in enumerate(views[hour]):
            for e in sorted(edges.free):
                if times[e] > TOLD_FROM * edges.free[e]:
                    out.writerow([hour * HOUR, e, f"{times[e]:.1f}", k])
    with open(path, "wb") as f, gzip.GzipFile(fileobj=f, mode="wb", mtime=0, filename="") as z:
        z.write(text.getvalue().encode())


def scenario_text(city, first, last, informed):
    return (f'title = "Assignment"\ncity = "{city}"\n[time]\nbegin = "{first:02d}:00"\nend = "{last:02d}:00"\n'
            f"[routes]\ninformed_share = {informed}\n")


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
        if r["edge"] in edges.free and r["travel_time [s]"] not in ("", "nan"):
            times[int(float(r["begin_s"])) // HOUR, r["edge"]] = float(r["travel_time [s]"])
    return times


def write_turn_flows(rows):
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(["from_edge", "to_edge", *(f"{p}_veh_per_h" for p in PEAKS)])
    out.writerows(rows)
    (CITY / "sources" / "turn_flows.csv").write_text(text.getvalue(), encoding="utf-8")


def renew(views, runs, edges, hours):
    """Puts what the runs measured in the place of each hour's oldest view; returns how far it lies from the views' mean."""
    gap = total = 0.0
    for hour in hours:
        mean = {e: sum(v[e] for v in views[hour]) / len(views[hour]) for e in edges.free}
        new = {}
        for e, free in edges.free.items():
            seen = [min(max(r[hour, e], free), DEEPEST(free)) for r in runs if (hour, e) in r]
            new[e] = sum(seen) / len(seen) if seen else mean[e]  # where nobody drove, nothing is known but what was thought
            gap, total = gap + abs(new[e] - mean[e]), total + mean[e]
        views[hour] = [*views[hour][1:], new]
    return gap / total


def report_line(k, reports, gap):
    share = lambda r, key: r[key] / max(1, r["departed"] + r["backlog"])
    figures = [f"teleports {share(r, 'teleports'):.3%}, never inserted {share(r, 'backlog'):.3%}, loss {r['mean_time_loss_s']:.0f} s, "
               f"cpu {r['cpu_s']:.0f} s, wall {r['wall_s']:.0f} s" for r in reports]
    return f"iteration {k}: {'; '.join(figures)}; times differ from those thought by {gap:.1%}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times-only", action="store_true")
    parser.add_argument("--iterations", type=int, default=0)
    parser.add_argument("--informed", type=float, default=0.0)
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
        views = read_views(CITY / "travel_times.csv.gz", edges)
    else:
        graph, by_hour = static_assignment.volumes(CITY)
        views = static_assignment.travel_times(graph, by_hour)
        if not args.times_only:
            write_turn_flows(static_assignment.turn_flows(graph, by_hour, PEAKS.values()))
    (folder / "assignment.toml").write_text(scenario_text(town, args.first, args.last, args.informed), encoding="utf-8")
    for k in range(1, args.iterations + 1):
        write_views(town / "travel_times.csv.gz", views, edges)
        shutil.rmtree(folder / "out", ignore_errors=True)
        seeds = f"{1000 + k * args.jobs}-{1000 + k * args.jobs + args.jobs - 1}"
        reports = simulate(args.gemeo, folder, seeds, args.jobs)
        runs = [measured(args.gemeo, r["result_file"], edges) for r in reports]
        gap = renew(views, runs, edges, range(args.first, args.last))
        print(report_line(k, reports, gap), flush=True)
        write_views(folder / f"times_{k}.csv.gz", views, edges)
    write_views(CITY / "travel_times.csv.gz", views, edges)


if __name__ == "__main__":
    main()
