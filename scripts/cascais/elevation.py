#!/usr/bin/python3
"""Renews sources/elevation.csv: heights every 250 m from the Copernicus DEM (a float32 GeoTIFF in ETRS89-LAEA, EPSG:3035).

usage: scripts/cascais/elevation.py SHARED_FOLDER
First line: x0, y0 (UTM 29N, m), step (m), columns, rows; then a row a line from south to north, whole metres.
"""
import math
import pathlib
import struct
import sys

import utm

OUT = pathlib.Path(__file__).resolve().parents[2] / "data" / "cascais" / "sources" / "elevation.csv"
SOUTH, NORTH, WEST, EAST, STEP = 38.670, 38.775, -9.495, -9.300, 250.0


def laea(lat_deg, lon_deg):
    """Easting and northing in EPSG:3035 (Snyder, Map Projections: A Working Manual, eqs. 24-17 to 24-22, GRS 80)."""
    a, e2 = 6378137.0, 0.00669438002290
    e = math.sqrt(e2)

    def q(phi):
        s = math.sin(phi)
        return (1 - e2) * (s / (1 - e2 * s * s) - math.log((1 - e * s) / (1 + e * s)) / (2 * e))

    phi, phi1, lam = math.radians(lat_deg), math.radians(52), math.radians(lon_deg - 10)
    qp = q(math.pi / 2)
    beta, beta1 = math.asin(q(phi) / qp), math.asin(q(phi1) / qp)
    rq = a * math.sqrt(qp / 2)
    d = a * math.cos(phi1) / math.sqrt(1 - e2 * math.sin(phi1) ** 2) / (rq * math.cos(beta1))
    b = rq * math.sqrt(2 / (1 + math.sin(beta1) * math.sin(beta) + math.cos(beta1) * math.cos(beta) * math.cos(lam)))
    x = b * d * math.cos(beta) * math.sin(lam)
    y = b / d * (math.cos(beta1) * math.sin(beta) - math.sin(beta1) * math.cos(beta) * math.cos(lam))
    return 4321000 + x, 3210000 + y


class Tiff:
    """Strips or tiles of uncompressed 32-bit floats with a pixel scale and one tie point."""

    def __init__(self, path):
        self.data = pathlib.Path(path).read_bytes()
        if self.data[:4] != b"II*\0":
            sys.exit(f"{path}: not a little-endian TIFF")
        at = struct.unpack_from("<I", self.data, 4)[0]
        self.tags = {}
        for k in range(struct.unpack_from("<H", self.data, at)[0]):
            tag, kind, count, _ = struct.unpack_from("<HHII", self.data, at + 2 + 12 * k)
            code, size = {1: ("B", 1), 2: ("c", 1), 3: ("H", 2), 4: ("I", 4), 12: ("d", 8)}.get(kind, ("B", 1))
            where = at + 2 + 12 * k + 8
            if size * count > 4:
                where = struct.unpack_from("<I", self.data, where)[0]
            self.tags[tag] = struct.unpack_from(f"<{count}{code}", self.data, where)
        self.width, self.height = self.tags[256][0], self.tags[257][0]
        if self.tags[258][0] != 32 or self.tags.get(259, (1,))[0] != 1 or self.tags.get(339, (3,))[0] != 3:
            sys.exit(f"{path}: not uncompressed 32-bit floats")
        self.scale, self.tie = self.tags[33550], self.tags[33922]

    def pixel(self, i, j):
        i, j = max(0, min(self.width - 1, i)), max(0, min(self.height - 1, j))
        if 322 in self.tags:
            tw, th = self.tags[322][0], self.tags[323][0]
            tile = (j // th) * math.ceil(self.width / tw) + i // tw
            where = self.tags[324][tile] + ((j % th) * tw + i % tw) * 4
        else:
            rows = self.tags.get(278, (self.height,))[0]
            where = self.tags[273][j // rows] + ((j % rows) * self.width + i) * 4
        return struct.unpack_from("<f", self.data, where)[0]

    def at(self, lat, lon):
        """Mean of the nine pixels around a place; the sea (no data) is 0."""
        x, y = laea(lat, lon)
        i = int((x - self.tie[3]) / self.scale[0])
        j = int((self.tie[4] - y) / self.scale[1])
        values = [self.pixel(i + a, j + b) for a in (-1, 0, 1) for b in (-1, 0, 1)]
        return sum(v if -50 < v < 2000 else 0.0 for v in values) / 9


def main():
    tiff = Tiff(pathlib.Path(sys.argv[1]) / "elevation_copernicus.tif")
    x0, y0 = (math.floor(v / STEP) * STEP for v in utm.forward(SOUTH, WEST))
    x1, y1 = utm.forward(NORTH, EAST)
    columns, rows = int((x1 - x0) / STEP) + 2, int((y1 - y0) / STEP) + 2
    lines = [f"{x0:.0f},{y0:.0f},{STEP:.0f},{columns},{rows}"]
    for j in range(rows):
        lines.append(",".join(f"{tiff.at(*utm.inverse(x0 + i * STEP, y0 + j * STEP)):.0f}" for i in range(columns)))
    OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"elevation: {columns} x {rows}")


if __name__ == "__main__":
    main()
