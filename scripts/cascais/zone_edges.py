"""Zones to edges, and heights: what the network's builder needs beside the drawing."""
import csv
import io
import math
import xml.etree.ElementTree as ElementTree

import geometry as geo
import utm

REACH_M = {"cell": 900.0, "station": 450.0}
MOST = {"cell": 40, "station": 10}
LEAST = 4
WEIGHT = {"highway.residential": 1.0, "highway.unclassified": 0.8, "highway.tertiary": 0.5, "highway.secondary": 0.15, "highway.primary": 0.1}


def height_map(path):
    """Height in m at a point, from a coarse raster by bilinear interpolation."""
    with open(path, encoding="utf-8") as f:
        x0, y0, step, columns, rows = (float(v) for v in f.readline().split(","))
        values = [[float(v) for v in line.split(",")] for line in f]
    columns, rows = int(columns), int(rows)

    def at(p):
        i = max(0.0, min(columns - 1.001, (p[0] - x0) / step))
        j = max(0.0, min(rows - 1.001, (p[1] - y0) / step))
        a, b, u, v = int(i), int(j), i % 1, j % 1
        return ((values[b][a] * (1 - u) + values[b][a + 1] * u) * (1 - v)
                + (values[b + 1][a] * (1 - u) + values[b + 1][a + 1] * u) * v)
    return at


def edges_of(text):
    """[(id, type, length, from, to, mid point)] of the edges that cars may use to start and end trips."""
    root = ElementTree.fromstring(text)
    offset = tuple(float(v) for v in root.find("location").get("netOffset").split(","))
    out = []
    for e in root.findall("edge"):
        if e.get("function", "normal") != "normal":
            continue
        lane = e.find("lane")
        shape = [tuple(float(v) for v in p.split(",")[:2]) for p in lane.get("shape").split()]
        length = float(lane.get("length"))
        mid, _ = geo.point_at(shape, geo.length(shape) / 2)
        out.append((e.get("id"), e.get("type"), length, e.get("from"), e.get("to"), (mid[0] - offset[0], mid[1] - offset[1])))
    return out


def build(text, zones_csv, parishes):
    with open(zones_csv, encoding="utf-8", newline="") as f:
        zones = list(csv.DictReader(f))
    edges = edges_of(text)
    centre = {z["zone_id"]: utm.forward(float(z["lat"]), float(z["lon"])) for z in zones}
    rows = []
    for z in zones:
        if z["kind"] == "gate":
            rows += gate_rows(z, edges)
    local = [e for e in edges if e[1] in WEIGHT and e[2] >= 35 and not e[0].startswith("r_") and not e[0].endswith("t")]
    nearest = {}
    cells = [z for z in zones if z["kind"] == "cell"]
    for e in local:
        nearest[e[0]] = min(cells, key=lambda z: math.dist(centre[z["zone_id"]], e[5]))["zone_id"]
    for z in zones:
        if z["kind"] == "gate":
            continue
        near = sorted((math.dist(centre[z["zone_id"]], e[5]), e[0], e) for e in local)
        near = [n for n in near if n[0] <= REACH_M[z["kind"]] and (z["kind"] == "station" or nearest[n[1]] == z["zone_id"])]
        near = near[:MOST[z["kind"]]]
        if len(near) < (LEAST if z["kind"] == "cell" else 4):
            raise SystemExit(f"zones.csv: zone '{z['zone_id']}' has only {len(near)} edges near it")
        for d, _, e in near:
            weight = WEIGHT[e[1]] * min(1.0, e[2] / 120) * math.exp(-((d / REACH_M[z["kind"]]) ** 2))
            rows.append([z["zone_id"], e[0], f"{weight:.3f}", f"{weight:.3f}"])
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([["zone_id", "edge_id", "weight", "destination_weight"], *rows])
    return out.getvalue()


def gate_rows(zone, edges):
    """A gate's own edges: in zones.csv the gate is named after its node, or after the first or last edge of a motorway."""
    name = zone["zone_id"]
    starts = [e for e in edges if e[3] == name]
    ends = [e for e in edges if e[4] == name]
    if not starts and not ends:
        road = name.removeprefix("g_")
        leaving = {"a5": "e", "a16": "n"}[road]
        entering = {"e": "w", "n": "s"}[leaving]
        outward = [e for e in edges if e[0].startswith(f"{road}_{leaving}") and not any(o[3] == e[4] for o in edges)]
        inward = [e for e in edges if e[0].startswith(f"{road}_{entering}") and not any(o[4] == e[3] for o in edges)]
        starts, ends = inward, outward
    if not starts or not ends:
        raise SystemExit(f"zones.csv: gate '{name}' has no edge in or none out")
    return [[name, e[0], "1", "0"] for e in starts] + [[name, e[0], "0", "1"] for e in ends]
