#!/usr/bin/python3
"""Builds the prior demand of Cascais from the survey's figures: od.csv and profiles.csv in data/cascais.

usage: scripts/cascais/build_demand.py [--check] [--from-shared FOLDER]
  --check          build in memory and fail when the committed files differ
  --from-shared    first renew data/cascais/sources from the shared data (survey matrix, bus stops)

Method. Trips between parishes (and other municipalities) are the survey's. Below parish level each trip end goes to a zone
by the zone's weight (residents, jobs and visits of zone_anchors.csv, and bus stops near schools, as the purpose asks), and a
pair of zones is weighted by exp(-distance / 3 km) within the municipality: a doubly proportional gravity split that keeps every
parish total (Ortuzar & Willumsen, Modelling Transport, ch. 5). Of the trips to or from another municipality each gate has its
share of gate_shares.csv; which zones use it follows exp(-distance / 2 km): who lives by the Marginal takes the Marginal.
Rounded to a hundredth of a trip, so that the sums are the survey's within 0.1 %.
"""
import argparse
import collections
import csv
import io
import math
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CITY = ROOT / "data" / "cascais"
SOURCES = CITY / "sources"
FREIGHT_SHARE = 0.035  # trucks beyond the car trips, as a share of them (assumption)
GATE_KM = 2.0  # a km more costs about 1.7 min, and of two ways the one 1 min longer is taken e^-0.3 times as often
DETERRENCE_KM = 3.0
SLOTS = 96


def read(path):
    with open(path, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def write_csv(rows, header):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def km(a, b):
    """Great-circle distance of two zones on the small-angle approximation, in km."""
    lat = math.radians((float(a["lat"]) + float(b["lat"])) / 2)
    dy = (float(a["lat"]) - float(b["lat"])) * 111.32
    dx = (float(a["lon"]) - float(b["lon"])) * 111.32 * math.cos(lat)
    return math.hypot(dx, dy)


def renew_sources(shared):
    short = {"Alcabideche": "Alcabideche", "São Domingos de Rana": "São Domingos de Rana",
             "União das freguesias de Carcavelos e Parede": "Carcavelos e Parede",
             "União das freguesias de Cascais e Estoril": "Cascais e Estoril"}
    modes = ("total", "walk", "bike", "car", "public_transport", "other")
    sums = collections.defaultdict(lambda: [0.0] * len(modes))
    for r in read(shared / "od_2018_by_parish_and_mode.csv"):
        ends = []
        for side in ("origin", "destination"):
            inside = r[side + "_municipality"] == "Cascais"
            ends += ["Cascais", short[r[side + "_parish"]]] if inside else [r[side + "_municipality"], ""]
        for i, m in enumerate(modes):
            sums[tuple(ends)][i] += float(r[m])
    rows = [list(k) + [f"{v:.0f}" for v in sums[k]] for k in sorted(sums)]
    header = ["from_municipality", "from_parish", "to_municipality", "to_parish", *modes]
    (SOURCES / "survey_od_2018.csv").write_text(write_csv(rows, header), encoding="utf-8")

    zones = [z for z in read(CITY / "zones.csv") if z["kind"] != "gate"]
    estimates = {r["zone_id"]: [r["residents"], r["jobs"], r["visits"]] for r in read(SOURCES / "zone_anchors.csv")}
    counts = {z["zone_id"]: [0, 0, 0, 0] for z in zones}
    for s in read(shared / "bus_stops.csv"):
        if s["municipality_name"] != "Cascais":
            continue
        at = {"lat": s["stop_lat"], "lon": s["stop_lon"]}
        nearest = min(zones, key=lambda z: km(z, at))
        if km(nearest, at) > 2.0:
            continue
        c = counts[nearest["zone_id"]]
        c[0] += 1
        for i, column in enumerate(("near_school", "near_shopping", "near_hospital")):
            c[i + 1] += s[column] not in ("0", "")
    rows = [[z, *estimates.get(z, [0, 0, 0]), *counts[z]] for z in sorted(counts)]
    (SOURCES / "zone_anchors.csv").write_text(
        write_csv(rows, ["zone_id", "residents", "jobs", "visits", "stops", "near_school", "near_shopping", "near_hospital"]), encoding="utf-8")


def zone_weights(zones, anchors):
    """weight[kind][zone]: kind 'home' for where people live, else a purpose for where they go."""
    weight = collections.defaultdict(dict)
    for z in zones:
        if z["kind"] == "gate":
            continue
        a = anchors[z["zone_id"]]
        homes, jobs, visits, school = (float(a[c]) for c in ("residents", "jobs", "visits", "near_school"))
        station = 1000.0 if z["kind"] == "station" else 0.0
        weight["home"][z["zone_id"]] = 50 + homes
        weight["work"][z["zone_id"]] = 50 + jobs + station
        weight["school"][z["zone_id"]] = 50 + 0.3 * homes + 150 * school
        weight["leisure"][z["zone_id"]] = 50 + 0.1 * homes + 250 * visits + 0.3 * station
        weight["business"][z["zone_id"]] = 50 + jobs + 100 * visits
        weight["freight"][z["zone_id"]] = 50 + jobs + 0.1 * homes
    return weight


class ends_of:
    """Spreads a trip end over zones: the cells and stations of a parish, or the gates of a municipality."""

    def __init__(self, zones, weight, gates):
        self.by_parish = collections.defaultdict(list)
        for z in zones:
            if z["kind"] != "gate":
                self.by_parish[z["parish"]].append(z["zone_id"])
        self.weight, self.gates = weight, gates

    def spread(self, municipality, parish, kind):
        if municipality == "Cascais":
            w = {z: self.weight[kind][z] for z in self.by_parish[parish]}
        else:
            w = self.gates.get(municipality) or self.gates["*"]
        total = sum(w.values())
        return {z: v / total for z, v in w.items()}


def gravity(trips, origins, destinations, distance, scale_km):
    """Doubly constrained split of `trips` with deterrence exp(-d/scale) (Furness iterations)."""
    f = {(o, d): math.exp(-max(distance[o, d], 0.6) / scale_km) for o in origins for d in destinations}
    a = dict.fromkeys(origins, 1.0)
    b = dict.fromkeys(destinations, 1.0)
    for _ in range(30):
        for o in origins:
            a[o] = 1.0 / max(1e-12, sum(b[d] * destinations[d] * f[o, d] for d in destinations))
        for d in destinations:
            b[d] = 1.0 / max(1e-12, sum(a[o] * origins[o] * f[o, d] for o in origins))
    return {(o, d): trips * a[o] * origins[o] * b[d] * destinations[d] * f[o, d] for o in origins for d in destinations}


def purposes_of(table):
    from_home = {r["purpose"]: float(r["share_from_home"]) for r in table if r["share_from_home"]}
    total = sum(from_home.values())
    return {p: s / total for p, s in from_home.items()}


def home_bound_share(origin, destination):
    """Share of a flow that goes home: nearly half inside; of flows out of Cascais fewer, as most who cross live there."""
    if origin == destination == "Cascais":
        return 0.47
    return 0.34 if origin == "Cascais" else 0.62


def build_od(zones, anchors, gates):
    weight = zone_weights(zones, anchors)
    ends = ends_of(zones, weight, gates)
    distance = {(a["zone_id"], b["zone_id"]): km(a, b) for a in zones for b in zones}
    from_home = purposes_of(read(SOURCES / "purposes.csv"))
    od, outside = collections.Counter(), collections.defaultdict(collections.Counter)

    def add(flow, origin, destination, kinds, purpose, vtype):
        inside = origin[0] == destination[0] == "Cascais"
        o, d = ends.spread(*origin, kinds[0]), ends.spread(*destination, kinds[1])
        if not inside:
            # All zones' trips to or from a municipality together: its gates' shares hold for the sum, and each zone uses near ones.
            for side, zones_of_side in ((0, o), (1, d)):
                for z, share in zones_of_side.items():
                    outside[origin[0], destination[0], purpose, vtype, side][z] += flow * share
            return
        for (a, b), t in gravity(flow, o, d, distance, DETERRENCE_KM).items():
            od[a, b, purpose, vtype] += t

    for r in read(SOURCES / "survey_od_2018.csv"):
        origin, destination = (r["from_municipality"], r["from_parish"]), (r["to_municipality"], r["to_parish"])
        cars = float(r["car"])
        homeward = home_bound_share(origin[0], destination[0])
        for p, share in from_home.items():
            add(cars * (1 - homeward) * share, origin, destination, ("home", p), p, "car")
            add(cars * homeward * share, origin, destination, (p, "home"), "home", "car")
        add(cars * FREIGHT_SHARE, origin, destination, ("freight", "freight"), "freight", "truck")
    for r in read(SOURCES / "through_traffic.csv"):
        t = float(r["trips_per_day"])
        ends_through = ((r["from_municipality"], ""), (r["to_municipality"], ""))
        add(t, *ends_through, ("home", "home"), "through", "car")
        add(t * 0.08, *ends_through, ("home", "home"), "freight", "truck")
    for from_, to, purpose, vtype, side in sorted(outside):
        origins, destinations = (outside[from_, to, purpose, vtype, k] for k in (0, 1))
        total = sum(origins.values())
        if side == 0 and total > 0:
            shares = [{z: t / total for z, t in end.items()} for end in (origins, destinations)]
            for (a, b), t in gravity(total, *shares, distance, GATE_KM).items():
                if a != b:
                    od[a, b, purpose, vtype] += t
    return od


def build_profiles():
    rows = []
    parts = collections.defaultdict(list)
    for r in read(SOURCES / "purposes.csv"):
        parts[r["purpose"]].append(tuple(float(r[c]) for c in ("peak_h", "sd_h", "weight")))
    for purpose in sorted(parts):
        total_weight = sum(w for _, _, w in parts[purpose])
        shape = []
        for slot in range(SLOTS):
            t = (slot + 0.5) / 4
            # A day is a circle: what peaks late in the evening reaches past midnight. 2 % is spread evenly over the day.
            s = sum(w * math.exp(-0.5 * ((t - p + 24 * k) / sd) ** 2) / sd
                    for p, sd, w in parts[purpose] for k in (-1, 0, 1)) / total_weight
            shape.append(s)
        total = sum(shape)
        for slot, s in enumerate(shape):
            daytime = 1.0 if 6 <= slot / 4 < 23 else 0.2
            rows.append([purpose, slot * 900, s / total * 0.98 + 0.02 * daytime / (68 + 0.2 * 28)])
    return rows


def rounded_profiles(rows):
    """Shares with 6 decimals that sum to exactly 1 for each purpose: the largest takes the remainder."""
    out = []
    for purpose in sorted({r[0] for r in rows}):
        part = [[p, b, round(s, 6)] for p, b, s in rows if p == purpose]
        largest = max(part, key=lambda r: r[2])
        largest[2] += 1.0 - sum(r[2] for r in part)
        out += [[p, b, f"{s:.6f}"] for p, b, s in part]
    return out


def gate_table():
    gates = collections.defaultdict(dict)
    for r in read(SOURCES / "gate_shares.csv"):
        gates[r["municipality"]][r["zone_id"]] = float(r["share"])
    return gates


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--from-shared", type=pathlib.Path)
    args = parser.parse_args()
    if args.from_shared:
        renew_sources(args.from_shared)
    zones = read(CITY / "zones.csv")
    anchors = {r["zone_id"]: r for r in read(SOURCES / "zone_anchors.csv")}
    missing = [z["zone_id"] for z in zones if z["kind"] != "gate" and z["zone_id"] not in anchors]
    if missing:
        sys.exit(f"zone_anchors.csv has no row for {', '.join(missing)}; renew it with --from-shared")
    od = build_od(zones, anchors, gate_table())
    rows = [[*k, f"{v:.2f}"] for k, v in sorted(od.items()) if v >= 0.05]
    profiles = rounded_profiles(build_profiles())
    built = {"od.csv": write_csv(rows, ["from_zone", "to_zone", "purpose", "vtype", "trips_per_day"]),
             "profiles.csv": write_csv(profiles, ["purpose", "begin_s", "share"])}
    for name, text in built.items():
        if args.check:
            if (CITY / name).read_text(encoding="utf-8") != text:
                sys.exit(f"data/cascais/{name} is not what scripts/cascais/build_demand.py builds; run it and commit")
        else:
            (CITY / name).write_text(text, encoding="utf-8")
    by = collections.Counter()
    for r in rows:
        by[r[3]] += float(r[4])
    print(f"demand: {len(rows)} OD rows, " + ", ".join(f"{v:,.0f} {k} trips a day" for k, v in sorted(by.items())))


if __name__ == "__main__":
    main()
