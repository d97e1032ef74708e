#!/usr/bin/python3
"""Writes data/cascais/MANIFEST.toml: every committed file of the city with its hash, origin and licence.

usage: scripts/cascais/manifest.py [--check]     --check: fail when a file is not the one the manifest lists
"""
import hashlib
import pathlib
import sys

CITY = pathlib.Path(__file__).resolve().parents[2] / "data" / "cascais"
OURS = "drawn or assumed by this project, after general knowledge of the place"
ORIGIN = {
    "sources/bus_stops.csv": ("stops of Carris Metropolitana", "CC BY 4.0"),
    "sources/survey_od_2018.csv": ("mobility survey of the Lisbon metropolitan area (IMob, INE 2018), via U-Shift/MQAT", "MIT"),
    "sources/outline.csv": ("parishes of CAOP 2022, via U-Shift/MQAT, simplified to 15 m", "MIT"),
    "sources/elevation.csv": ("Copernicus DEM, via U-Shift/RedeViaria, sampled every 250 m", "MIT"),
    "sources/zone_anchors.csv": ("census 2021 (INE) by parish, split by us; stops of Carris Metropolitana", "CC BY 4.0"),
    "cascais.net.xml.gz": ("scripts/cascais/build_network.py from sources/", "EPL-2.0"),
    "zone_edges.csv": ("scripts/cascais/build_network.py from sources/ and zones.csv", "EPL-2.0"),
    "od.csv": ("scripts/cascais/build_demand.py from sources/ and zones.csv", "EPL-2.0"),
    "profiles.csv": ("scripts/cascais/build_demand.py from sources/purposes.csv", "EPL-2.0"),
    "stops.csv": ("scripts/cascais/build_buses.py from sources/", "CC BY 4.0"),
    "lines.toml": ("scripts/cascais/build_buses.py from sources/", "CC BY 4.0"),
    "sources/turn_flows.csv": ("scripts/cascais/assign.py: static assignment of the prior demand; not measured", "EPL-2.0"),
    "travel_times.csv.gz": ("scripts/cascais/assign.py: static assignment of the prior demand, capacities after the Highway Capacity "
                            "Manual; not measured", "EPL-2.0"),
    "detectors.csv": ("scripts/cascais/make_counts.py: synthetic", "EPL-2.0"),
    "counts.csv.gz": ("scripts/cascais/make_counts.py: synthetic, from a simulated demand that differs from od.csv; not measured", "EPL-2.0"),
}
HEAD = """# What data/cascais holds, where it comes from and under which licence. Written by scripts/cascais/manifest.py.
# The road network is approximate: no street graph of Cascais is shipped. Whatever this city yields is modelled, not measured.
geometry = "approximate: drawn from public facts"
demand = "survey of 2018, split below parish level by assumption"
"""


def build():
    out = [HEAD]
    for path in sorted(p for p in CITY.rglob("*") if p.is_file() and p.name != "MANIFEST.toml"):
        name = path.relative_to(CITY).as_posix()
        source, licence = ORIGIN.get(name, (OURS, "EPL-2.0"))
        out.append(f'[[file]]\nname = "{name}"\nsource = "{source}"\nlicence = "{licence}"\n'
                   f'sha256 = "{hashlib.sha256(path.read_bytes()).hexdigest()}"\n')
    return "\n".join(out)


if __name__ == "__main__":
    text = build()
    if "--check" not in sys.argv:
        (CITY / "MANIFEST.toml").write_text(text, encoding="utf-8")
    elif (CITY / "MANIFEST.toml").read_text(encoding="utf-8") != text:
        sys.exit("data/cascais/MANIFEST.toml is not up to date; run scripts/cascais/manifest.py and commit")
