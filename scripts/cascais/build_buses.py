#!/usr/bin/python3
"""Builds the bus lines of Cascais: stops.csv and lines.toml in data/cascais, from sources/bus_lines.csv and real stops.

usage: scripts/cascais/build_buses.py [--check] [--from-shared FOLDER]
  --check          build in memory and fail when the committed files differ
  --from-shared    first renew sources/bus_stops.csv from the shared data

A line runs the fastest way for buses through the zones named, and calls at the real stops along it (Carris Metropolitana,
CC BY 4.0) that lie within 60 m of its way, at least 300 m apart. Where these leave longer gaps (the municipal lines' own stops
are not published there) stops of ours follow every 450 m or so, named after the street. Its timetable assumes 60 % of the speed limit and 20 s a
call. The lines themselves (which places they join, how often) are ours, after the pattern of the municipal network.
"""
import argparse
import csv
import io
import pathlib
import sys

import net as nets

ROOT = pathlib.Path(__file__).resolve().parents[2]
CITY = ROOT / "data" / "cascais"
SOURCES = CITY / "sources"
MAX_OFFSET_M, MIN_SPACING_M, DWELL_S, SPEED_SHARE = 60.0, 300.0, 20.0, 0.6
FILL_M, CLEAR_M = 450.0, 250.0  # where no real stop is known: a stop of our own this far on, and this far before the next


def read(path):
    with open(path, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def renew_stops(shared):
    rows = [[s["stop_id"], s["stop_name"], s["stop_lat"], s["stop_lon"]] for s in read(shared / "bus_stops.csv")]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([["stop_id", "name", "lat", "lon"], *sorted(rows)])
    (SOURCES / "bus_stops.csv").write_text(out.getvalue(), encoding="utf-8")


def anchor_edges(net, zones, zone_edges):
    """For each zone the edges of its own, nearest to its centre first."""
    by_zone = {}
    for r in zone_edges:
        if r["edge_id"] in net.edges:
            by_zone.setdefault(r["zone_id"], []).append(r["edge_id"])
    centre = {z["zone_id"]: net.xy(float(z["lat"]), float(z["lon"])) for z in zones}
    return {z: sorted(edges, key=lambda e: (nets.project(centre[z], net.edges[e].shape)[0], e))[:6]
            for z, edges in by_zone.items()}


def line_path(net, via, anchors):
    """Edges through the zones in order: of each zone the anchor that the way so far reaches fastest."""
    way = []
    for zone in via:
        options = anchors.get(zone)
        if not options:
            sys.exit(f"bus_lines.csv: zone '{zone}' has no edge that buses may use")
        if not way:
            way = [options[0]]
            continue
        paths = [p for p in (net.path(way[-1], o) for o in options) if p]
        if not paths:
            sys.exit(f"bus_lines.csv: no way for buses to zone '{zone}'")
        best = min(paths, key=lambda p: sum(net.edges[e].length / net.edges[e].speed for e in p))
        way += best[1:]
    return way


def calls_along(net, way, stops):
    """(stop row, edge, position on the edge, distance from the start) along the way, in order."""
    calls, run, last = [], 0.0, -MIN_SPACING_M
    used = set()
    for e in way:
        edge = net.edges[e]
        near = []
        for s in stops:
            d, along = nets.project(s["xy"], edge.shape)
            if d <= MAX_OFFSET_M and 30 <= along <= edge.length - 12 and s["stop_id"] not in used:
                near.append((along, d, s))
        for along, _, s in sorted(near, key=lambda n: (n[0], n[2]["stop_id"])):
            if run + along - last >= MIN_SPACING_M:
                calls.append((s, e, along, run + along))
                used.add(s["stop_id"])
                last = run + along
        run += edge.length
    return calls


def fill_gaps(net, way, calls):
    """Adds stops of our own, in the middle of edges, wherever the way goes on for long without one."""
    starts, run = [], 0.0
    for e in way:
        starts.append(run)
        run += net.edges[e].length
    known, out, seen = sorted(calls, key=lambda c: c[3]), [], set()
    last = 0.0
    for k, e in enumerate(way):
        edge, begin = net.edges[e], starts[k]
        for c in known:
            if begin <= c[3] < begin + edge.length and c[1] == e:
                out.append(c)
                last = c[3]
        at = begin + edge.length / 2
        ahead = min((c[3] for c in known if c[3] > at), default=run)
        fits = 55 <= edge.length and edge.speed < 20 and edge.name and "Rotunda" not in edge.name and e not in seen
        if fits and at - last >= FILL_M and ahead - at >= CLEAR_M and not any(c[1] == e for c in out):
            out.append(({"stop_id": "c", "name": edge.name}, e, edge.length / 2, at))
            last = at
        seen.add(e)
    return out


def scheduled(net, way, calls):
    """Seconds after departure at which the bus is due to leave each call."""
    start, times = {}, 0.0
    for e in way:
        start.setdefault(e, times)
        times += net.edges[e].length / (net.edges[e].speed * SPEED_SHARE)
    return [round(start[e] + pos / (net.edges[e].speed * SPEED_SHARE) + (i + 1) * DWELL_S)
            for i, (_, e, pos, _) in enumerate(calls)]


def quoted(s):
    return '"' + s.replace("\\", "\\\\").replace('"', '\\"') + '"'


def service(text):
    """'06:00-09:30/15 09:30-20:00/30' to the periods of lines.toml; headways in minutes."""
    periods = []
    for part in text.split():
        window, headway = part.split("/")
        begin, end = window.split("-")
        periods.append(f'{{begin = "{begin}", end = "{end}", headway_s = {float(headway) * 60:.0f}}}')
    return "[" + ", ".join(periods) + "]"


def build():
    net = nets.Net(CITY / "cascais.net.xml.gz")
    anchors = anchor_edges(net, read(CITY / "zones.csv"), read(CITY / "zone_edges.csv"))
    stops = read(SOURCES / "bus_stops.csv")
    for s in stops:
        s["xy"] = net.xy(float(s["lat"]), float(s["lon"]))
    stop_rows, lines = {}, []
    for r in read(SOURCES / "bus_lines.csv"):
        via = r["via"].split()
        for suffix, places in (("out", via), ("in", via[::-1])):
            way = line_path(net, places, anchors)
            calls = fill_gaps(net, way, calls_along(net, way, stops))
            if len(calls) < 4:
                print(f"line {r['line_id']}_{suffix}: only {len(calls)} stops along its way", file=sys.stderr)
            ids = []
            for s, e, pos, _ in calls:
                stop = f"{s['stop_id']}@{e}"
                edge = net.edges[e]
                stop_rows[stop] = [stop, s["name"], e, edge.bus_lane, f"{max(0.5, pos - 14):.1f}", f"{pos:.1f}"]
                ids.append(stop)
            lines.append("\n".join([
                "[[line]]", f"id = {quoted(r['line_id'] + '_' + suffix)}", f"name = {quoted(r['name'])}", 'vtype = "bus"',
                "edges = [" + ", ".join(quoted(e) for e in way) + "]", "stops = [" + ", ".join(quoted(i) for i in ids) + "]",
                "offsets_s = [" + ", ".join(str(t) for t in scheduled(net, way, calls)) + "]", f"dwell_s = {DWELL_S:.0f}",
                f"service = {service(r['service'])}", ""]))
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(
        [["stop_id", "name", "edge_id", "lane", "begin_m", "end_m"], *(stop_rows[k] for k in sorted(stop_rows))])
    header = "# Made by scripts/cascais/build_buses.py from sources/bus_lines.csv; change that and build again.\n\n"
    return {"stops.csv": out.getvalue(), "lines.toml": header + "\n".join(lines)}, len(lines), len(stop_rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--from-shared", type=pathlib.Path)
    args = parser.parse_args()
    if args.from_shared:
        renew_stops(args.from_shared)
    built, lines, stops = build()
    for name, text in built.items():
        if not args.check:
            (CITY / name).write_text(text, encoding="utf-8")
        elif (CITY / name).read_text(encoding="utf-8") != text:
            sys.exit(f"data/cascais/{name} is not what scripts/cascais/build_buses.py builds; run it and commit")
    print(f"buses: {lines} directed lines, {stops} stops")


if __name__ == "__main__":
    main()
