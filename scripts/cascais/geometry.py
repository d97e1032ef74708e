"""Plane geometry for the network's builder: polylines as lists of (x, y) in m."""
import math


def nearest_on(point, line):
    """(distance, segment index, position in the segment 0..1, foot) of the place on a polyline nearest to a point."""
    best = (math.inf, 0, 0.0, line[0])
    for i, ((x1, y1), (x2, y2)) in enumerate(zip(line, line[1:])):
        dx, dy = x2 - x1, y2 - y1
        length2 = dx * dx + dy * dy
        t = 0.0 if length2 == 0 else max(0.0, min(1.0, ((point[0] - x1) * dx + (point[1] - y1) * dy) / length2))
        foot = (x1 + t * dx, y1 + t * dy)
        d = math.dist(point, foot)
        if d < best[0]:
            best = (d, i, t, foot)
    return best


def crossing(a, b, c, d):
    """(t, u) where segments ab and cd cross, as shares of each; None when they do not."""
    rx, ry, sx, sy = b[0] - a[0], b[1] - a[1], d[0] - c[0], d[1] - c[1]
    det = rx * sy - ry * sx
    if abs(det) < 1e-9:
        return None
    qx, qy = c[0] - a[0], c[1] - a[1]
    t, u = (qx * sy - qy * sx) / det, (qx * ry - qy * rx) / det
    return (t, u) if 0 <= t <= 1 and 0 <= u <= 1 else None


def length(line):
    return sum(math.dist(p, q) for p, q in zip(line, line[1:]))


def point_at(line, along):
    """Place at a distance along a polyline, and the index of the segment it lies in."""
    for i, (p, q) in enumerate(zip(line, line[1:])):
        d = math.dist(p, q)
        if along <= d or i == len(line) - 2:
            t = 0.0 if d == 0 else min(1.0, along / d)
            return (p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])), i
        along -= d
    raise ValueError("a line has two points at least")


def cut(line, begin, end):
    """The stretch of a polyline between two distances along it."""
    (first, i), (last, j) = point_at(line, begin), point_at(line, end)
    inner = [p for p in line[i + 1:j + 1] if math.dist(p, first) > 0.5 and math.dist(p, last) > 0.5]
    return [first, *inner, last]


def offset(line, distance):
    """The polyline moved to its right by `distance`, corners mitred."""
    out = []
    for i, p in enumerate(line):
        ways = [(line[j + 1][0] - line[j][0], line[j + 1][1] - line[j][1]) for j in (i - 1, i) if 0 <= j < len(line) - 1]
        normals = [(wy / math.hypot(wx, wy), -wx / math.hypot(wx, wy)) for wx, wy in ways]
        nx, ny = sum(n[0] for n in normals), sum(n[1] for n in normals)
        size = math.hypot(nx, ny)
        nx, ny = nx / size, ny / size
        stretch = distance / max(0.5, nx * normals[0][0] + ny * normals[0][1])
        out.append((p[0] + nx * stretch, p[1] + ny * stretch))
    return out


def bearing(p, q):
    """Angle of the way from p to q, in degrees counterclockwise from east, 0..360."""
    return math.degrees(math.atan2(q[1] - p[1], q[0] - p[0])) % 360


def inside(point, ring):
    """Whether a point lies in a closed ring (even-odd rule)."""
    hit = False
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1]):
        if (y1 > point[1]) != (y2 > point[1]) and point[0] < (x2 - x1) * (point[1] - y1) / (y2 - y1) + x1:
            hit = not hit
    return hit


class grid_index:
    """Finds segments near a box: a hash of cells of `cell` m."""

    def __init__(self, cell=150.0):
        self.cell, self.cells = cell, {}

    def _keys(self, p, q, margin):
        x0, x1 = sorted((p[0], q[0]))
        y0, y1 = sorted((p[1], q[1]))
        for i in range(int((x0 - margin) // self.cell), int((x1 + margin) // self.cell) + 1):
            for j in range(int((y0 - margin) // self.cell), int((y1 + margin) // self.cell) + 1):
                yield i, j

    def add(self, p, q, what):
        for k in self._keys(p, q, 0.0):
            self.cells.setdefault(k, []).append(what)

    def near(self, p, q, margin=0.0):
        return sorted({w for k in self._keys(p, q, margin) for w in self.cells.get(k, ())})
