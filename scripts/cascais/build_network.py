#!/usr/bin/python3
"""Builds the road network of Cascais, data/cascais/cascais.net.xml.gz, and zone_edges.csv from the plain sources.

usage: scripts/cascais/build_network.py [--check] [--keep FOLDER]
  --check         build aside and fail when the committed files differ
  --keep FOLDER   keep netconvert's plain input there

roads.toml, streets.toml and nodes.csv are drawn into a planar graph (drawing.py); roundabouts become rings of one-way edges;
approaches to signals get a turning lane; netconvert does the rest. Edges are named ROAD_DNN: the road's id, the compass letter
of the direction, the number of the block along the road (marginal_e03); a turning bay at its end is ROAD_DNNt.
"""
import argparse
import csv
import gzip
import io
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.sax.saxutils

import drawing
import layout
import signals
import zone_edges

ROOT = pathlib.Path(__file__).resolve().parents[2]
CITY = ROOT / "data" / "cascais"
SOURCES = CITY / "sources"
PROJECTION = "+proj=utm +zone=29 +datum=WGS84 +units=m +no_defs"


def outline(path):
    rings = {}
    with open(path, encoding="utf-8", newline="") as f:
        for r in csv.DictReader(f):
            rings.setdefault(r["parish"], []).append(drawing.utm.forward(float(r["lat"]), float(r["lon"])))
    return rings


def draw():
    nodes = drawing.read_nodes(SOURCES / "nodes.csv")
    roads, classes = drawing.read_roads(SOURCES / "roads.toml", nodes)
    drawing.snap_to_nodes(roads, nodes)
    drawing.lead_ends(roads)
    parishes = outline(SOURCES / "outline.csv")
    streets = drawing.read_streets(SOURCES / "streets.toml", classes)
    streets = drawing.trim_streets(streets, roads, parishes.values())
    drawing.snap_to_nodes(streets, nodes)
    graph = drawing.Graph(roads + streets, nodes)
    graph.prune(keep=nodes)
    graph.clear_junctions()
    graph.prune(keep=nodes)
    graph.keep_connected()
    graph.smooth()
    return graph, nodes, classes, parishes


def element(tag, attributes, children=()):
    text = f"    <{tag} " + " ".join(f"{k}={xml.sax.saxutils.quoteattr(str(v))}" for k, v in attributes.items())
    return text + ("/>" if not children else ">" + "".join(children) + f"</{tag}>")


def write_plain(folder, plan, classes):
    height = zone_edges.height_map(SOURCES / "elevation.csv")
    types = [element("type", {"id": c["type"], "priority": c["priority"], "numLanes": c["lanes"], "speed": f'{c["speed_kmh"] / 3.6:.2f}'})
             for c in classes.values() if c["lanes"]]
    xs, ys = [n.xy[0] for n in plan.nodes.values()], [n.xy[1] for n in plan.nodes.values()]
    box = f"{min(xs):.2f},{min(ys):.2f},{max(xs):.2f},{max(ys):.2f}"
    nodes = [element("location", {"netOffset": "0.00,0.00", "convBoundary": box, "origBoundary": box, "projParameter": PROJECTION})]
    for n in sorted(plan.nodes):
        node = plan.nodes[n]
        a = {"id": n, "x": f"{node.xy[0]:.2f}", "y": f"{node.xy[1]:.2f}", "z": f"{height(node.xy):.1f}", "type": node.type}
        if node.radius:
            a["radius"] = node.radius
        nodes.append(element("node", a))
    edges = []
    for e in sorted(plan.edges.values(), key=lambda e: e.id):
        a = {"id": e.id, "from": e.start, "to": e.end, "name": e.name, "type": e.type, "priority": e.priority, "numLanes": e.lanes,
             "speed": f"{e.speed_mps:.2f}", "spreadType": "center" if e.oneway else "right"}
        if e.shape:
            # With heights: points without would lie at sea level, and the ways through junctions climb to it and back.
            a["shape"] = " ".join(f"{p[0]:.2f},{p[1]:.2f},{height(p):.1f}" for p in e.points(plan))
        if e.type.startswith("highway.motorway"):
            a["disallow"] = "pedestrian bicycle moped tram rail_urban rail rail_electric rail_fast ship"
        else:
            a["disallow"] = "tram rail_urban rail rail_electric rail_fast ship"
        edges.append(element("edge", a))
    for r in plan.rings:
        edges.append(element("roundabout", {"nodes": " ".join(r.nodes), "edges": " ".join(r.edges)}))
    connections = [element("delete" if "delete" in c else "connection", {k: v for k, v in c.items() if k != "delete"})
                   for c in plan.connections]
    for name, root, lines in (("typ", "types", types), ("nod", "nodes", nodes), ("edg", "edges", edges), ("con", "connections", connections)):
        (folder / f"cascais.{name}.xml").write_text("\n".join([f"<{root}>", *lines, f"</{root}>", ""]), encoding="utf-8")


def netconvert(folder):
    command = ["netconvert", "-t", "cascais.typ.xml", "-n", "cascais.nod.xml", "-e", "cascais.edg.xml", "-x", "cascais.con.xml",
               "-o", "cascais.net.xml", "--output.street-names", "--output.original-names", "false", "--no-turnarounds", "true",
               "--junctions.corner-detail", "3", "--junctions.limit-turn-speed", "5.5", "--default.junctions.radius", "5",
               "--tls.cycle.time", "90", "--tls.default-type", "static", "--tls.left-green.time", "8", "--tls.yellow.time", "3",
               "--geometry.max-grade", "25", "--check-lane-foes.all", "false", "--roundabouts.guess", "false",
               "--rectangular-lane-cut", "false", "--precision", "2"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    notes = [line for line in (done.stderr + done.stdout).splitlines() if line and not line.startswith("Success")]
    (folder / "netconvert.log").write_text("\n".join(notes) + "\n", encoding="utf-8")
    if done.returncode != 0:
        sys.exit("netconvert failed:\n" + "\n".join(notes[:20]))
    return (folder / "cascais.net.xml").read_text(encoding="utf-8"), notes


def packed(text):
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0, filename="", compresslevel=9) as z:
        z.write(text.encode())
    return out.getvalue()


def build(folder):
    graph, nodes, classes, parishes = draw()
    plan = layout.Plan(graph, nodes, signals.read_flows(SOURCES / "turn_flows.csv"))
    write_plain(folder, plan, classes)
    text, notes = netconvert(folder)
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.S)
    text, saturation = signals.retime(text, SOURCES / "turn_flows.csv", SOURCES / "signal_groups.csv")
    full = sorted((x, s) for s, (_, x) in saturation.items() if x > 0.95)
    notes += [f"signal '{s}' is saturated at the peak: x = {x:.2f}" for x, s in full]
    (folder / "cascais.timed.net.xml").write_text(text, encoding="utf-8")
    return text, plan, parishes, notes


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--keep", type=pathlib.Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.keep or pathlib.Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        text, plan, parishes, notes = build(folder)
        zones = zone_edges.build(text, CITY / "zones.csv", parishes)
    built = {"cascais.net.xml.gz": packed(text), "zone_edges.csv": zones.encode()}
    for name, data in built.items():
        if not args.check:
            (CITY / name).write_bytes(data)
        else:
            old = (CITY / name).read_bytes()
            same = gzip.decompress(old) == gzip.decompress(data) if name.endswith(".gz") else old == data
            if not same:
                sys.exit(f"data/cascais/{name} is not what scripts/cascais/build_network.py builds; run it and commit")
    print(f"network: {plan.summary()}; {len(notes)} remarks of netconvert")


if __name__ == "__main__":
    main()
