#!/usr/bin/python3
"""Checks that data/cascais keeps what is promised of it: counts of junctions, signals, roundabouts and stations, one strongly
connected network between the gates, the survey's totals, the bus lines. Exits 1 and says what fails.

usage: scripts/cascais/check_city.py
"""
import collections
import csv
import gzip
import pathlib
import sys
import tomllib
import xml.etree.ElementTree as ElementTree

import net

CITY = pathlib.Path(__file__).resolve().parents[2] / "data" / "cascais"
CAR_TRIPS_A_DAY, INTERNAL_CAR_TRIPS = 356_747, 180_633  # IMob 2018
SHORTEST_EDGE_M, TINY_EDGES = 3.0, 2
failed = []


def claim(what, holds, found):
    if not holds:
        failed.append(f"{what}: found {found}")


def read(name):
    with open(CITY / name, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def check_network(zone_edges, gates):
    root = ElementTree.fromstring(gzip.decompress((CITY / "cascais.net.xml.gz").read_bytes()))
    junctions = [j for j in root.findall("junction") if j.get("type") != "internal"]
    real = [j for j in junctions if not j.get("id").endswith(".cut")]
    signals = sum(j.get("type") == "traffic_light" for j in junctions)
    roundabouts = len(root.findall("roundabout"))
    claim("at least 300 junctions", len(real) >= 300, len(real))
    claim("at least 40 signals", signals >= 40, signals)
    claim("at least 30 roundabouts", roundabouts >= 30, roundabouts)
    edges = {e.get("id") for e in root.findall("edge") if e.get("function", "normal") == "normal"}
    ahead, back = collections.defaultdict(set), collections.defaultdict(set)
    for c in root.findall("connection"):
        if c.get("from") in edges:
            ahead[c.get("from")].add(c.get("to"))
            back[c.get("to")].add(c.get("from"))
    inside = [r["edge_id"] for r in zone_edges if r["zone_id"] not in gates]
    outward, inward = net.reach(inside[0], ahead), net.reach(inside[0], back)
    lost = [e for e in inside if e not in outward or e not in inward]
    claim("every zone's edges lie in one strongly connected part", not lost, lost[:5])
    for r in zone_edges:
        if r["zone_id"] in gates:
            ok = r["edge_id"] in inward if float(r["weight"]) > 0 else r["edge_id"] in outward
            claim(f"gate {r['zone_id']} is joined to the town", ok, r["edge_id"])
    stray = edges - outward - inward
    claim("no edge stands apart", not stray, sorted(stray)[:5])
    check_lanes(root, ahead, back)
    timed = {r.split(",")[1] for r in gzip.decompress((CITY / "travel_times.csv.gz").read_bytes()).decode().splitlines()[1:]}
    claim("travel times are of this network's edges (else: assign.py --times-only)", timed <= edges, sorted(timed - edges)[:5])
    names = {e.get("name") for e in root.findall("edge")}
    for road in ("Avenida Marginal", "A5 Autoestrada de Cascais", "A16", "EN9", "EN249-4", "Estrada do Guincho",
                 "Via Longitudinal Norte", "3.ª Circular", "Estrada da Malveira da Serra"):
        claim(f"the road '{road}' is there", road in names, "none")


def check_lanes(root, ahead, back):
    """Off the motorways, where lanes begin and end at ramps, every lane leads somewhere and is reached from somewhere."""
    left = {(c.get("from"), c.get("fromLane")) for c in root.findall("connection")}
    entered = {(c.get("to"), c.get("toLane")) for c in root.findall("connection")}
    streets = [e for e in root.findall("edge") if e.get("function", "normal") == "normal"
               and not e.get("type").startswith("highway.motorway")]
    lanes = [(e.get("id"), lane.get("index")) for e in streets for lane in e.findall("lane")]
    dead = [lane for lane in lanes if ahead[lane[0]] and lane not in left]
    lost = [lane for lane in lanes if back[lane[0]] and lane not in entered]
    claim("every lane of a street leads somewhere", not dead, dead[:5])
    claim("every lane of a street can be entered", not lost, lost[:5])
    tiny = [e.get("id") for e in streets if float(e.find("lane").get("length")) < SHORTEST_EDGE_M]
    claim(f"no more than {TINY_EDGES} edges are shorter than {SHORTEST_EDGE_M} m", len(tiny) <= TINY_EDGES, tiny)


def check_demand(kind):
    car = inside = 0.0
    for r in read("od.csv"):
        if r["vtype"] != "car" or r["purpose"] == "through":
            continue
        car += float(r["trips_per_day"])
        if "gate" not in (kind[r["from_zone"]], kind[r["to_zone"]]):
            inside += float(r["trips_per_day"])
    claim("car trips with an end in Cascais are the survey's within 0.2 %", abs(car / CAR_TRIPS_A_DAY - 1) < 0.002, f"{car:.0f}")
    claim("those within Cascais too", abs(inside / INTERNAL_CAR_TRIPS - 1) < 0.002, f"{inside:.0f}")


def check_gates(kind):
    """Each gate has its share of the trips between Cascais and another municipality, whatever zones use it."""
    shares, due, found = collections.defaultdict(dict), collections.Counter(), collections.Counter()
    for r in read("sources/gate_shares.csv"):
        shares[r["municipality"]][r["zone_id"]] = float(r["share"])
    for r in read("sources/survey_od_2018.csv"):
        for side, other in (("from", "to"), ("to", "from")):
            if r[f"{side}_municipality"] == "Cascais" != r[f"{other}_municipality"]:
                for gate, share in (shares.get(r[f"{other}_municipality"]) or shares["*"]).items():
                    due[gate, other] += float(r["car"]) * share
    for r in read("od.csv"):
        for side, other in (("from", "to"), ("to", "from")):
            if r["vtype"] == "car" and kind[r[f"{other}_zone"]] == "gate" != kind[r[f"{side}_zone"]]:
                found[r[f"{other}_zone"], other] += float(r["trips_per_day"])
    off = [k for k in due if abs(found[k] / due[k] - 1) > 0.005]
    claim("each gate carries its share of the survey's trips within 0.5 %", not off, off)


def check_joins(weekdays, stations, day):
    """All stations together pass from hour to hour as within hours: what bends at full hours alone is of how counts were made."""
    seen = [sum(int(day[s, d][i] or 0) for s in stations for d in weekdays) for i in range(96)]
    bend = lambda i: abs(seen[i] - seen[i - 1] - (seen[i + 1] - seen[i] + seen[i - 1] - seen[i - 2]) / 2) / seen[i]
    at = [sum(bend(i + k) for i in range(24, 88, 4)) / 16 for k in range(4)]  # from 06:00 to 22:00
    claim("counts bend no more at full hours than within them", at[0] <= max(at[1:]), [f"{x:.2%}" for x in at])


def check_counts():
    """Fourteen whole days of every station, with the faults that real ones have."""
    root = ElementTree.fromstring(gzip.decompress((CITY / "cascais.net.xml.gz").read_bytes()))
    lengths = {lane.get("id"): float(lane.get("length")) for e in root.findall("edge") for lane in e.findall("lane")}
    detectors = read("detectors.csv")
    stations = {d["station"] for d in detectors}
    claim("60 counting stations", len(stations) == 60, len(stations))
    astray = [d["id"] for d in detectors if not 0 < float(d["pos_m"]) < lengths.get(f'{d["edge"]}_{d["lane"]}', 0)]
    claim("every detector lies on a lane of the network", not astray, astray[:5])
    packed = (CITY / "counts.csv.gz").read_bytes()
    claim("counts under 2 MB", len(packed) < 2e6, len(packed))
    rows = list(csv.DictReader(gzip.decompress(packed).decode().splitlines()))
    days = sorted({r["begin"][:10] for r in rows})
    claim("14 days", len(days) == 14, len(days))
    claim("60 x 96 x 14 rows, each station and quarter of an hour once",
          len(rows) == 60 * 96 * 14 == len({(r["station"], r["begin"]) for r in rows}), len(rows))
    claim("every count belongs to a station", {r["station"] for r in rows} == stations, len({r["station"] for r in rows}))
    day = collections.defaultdict(list)
    for r in rows:
        day[r["station"], r["begin"][:10]].append(r["count"])
    dead = {s for (s, _), c in day.items() if all(x == "0" for x in c)}
    stuck = {s for (s, _), c in day.items() if c[0] not in ("", "0") and len({x for x in c if x}) == 1}
    empty = sum(r["count"] == "" for r in rows) / len(rows)
    claim("three stations are dead for a day or more", len(dead) == 3, sorted(dead))
    claim("two stations are stuck at a value for a day or more", len(stuck) == 2, sorted(stuck))
    claim("between 0.2 and 2 % of the counts are missing", 0.002 < empty < 0.02, f"{empty:.2%}")
    sound = stations - dead - stuck
    check_joins([d for i, d in enumerate(days) if i % 7 < 5], sound, day)
    total = {d: sum(int(x) for s in sound for x in day[s, d] if x) for d in days}
    claim("Sundays carry 60 to 95 % of a weekday's traffic", 0.6 < total[days[6]] / total[days[1]] < 0.95,
          f"{total[days[6]] / total[days[1]]:.2f}")


def main():
    zones = read("zones.csv")
    kind = {z["zone_id"]: z["kind"] for z in zones}
    stations = [z for z in zones if z["kind"] == "station"]
    claim("seven stations with park and ride", len(stations) == 7 and all(int(z["park_and_ride_spaces"]) > 0 for z in stations),
          len(stations))
    zone_edges = read("zone_edges.csv")
    check_network(zone_edges, {z for z, k in kind.items() if k == "gate"})
    check_demand(kind)
    check_gates(kind)
    if (CITY / "detectors.csv").exists():
        check_counts()
    lines = tomllib.loads((CITY / "lines.toml").read_text(encoding="utf-8"))["line"]
    routes = {line["id"].rsplit("_", 1)[0] for line in lines}
    claim("at least 8 bus lines", len(routes) >= 8, len(routes))
    claim("every bus line calls at 4 stops or more", all(len(line["stops"]) >= 4 for line in lines),
          [line["id"] for line in lines if len(line["stops"]) < 4])
    size = sum(p.stat().st_size for p in CITY.rglob("*") if p.is_file())
    claim("under 6 MB", size < 6e6, size)
    if failed:
        sys.exit("\n".join(failed))
    print("city: all claims hold")


if __name__ == "__main__":
    main()
