"""A light reading of a SUMO network for the builders: edges with geometry, and shortest paths over them."""
import collections
import gzip
import heapq
import math
import xml.etree.ElementTree as ElementTree

import utm

Edge = collections.namedtuple("Edge", "id name length speed lanes shape bus_lane")


def reach(start, links):
    """All that can be reached from a node."""
    seen, waiting = {start}, [start]
    while waiting:
        for n in links[waiting.pop()]:
            if n not in seen:
                seen.add(n)
                waiting.append(n)
    return seen


class Net:
    def __init__(self, path):
        opened = gzip.open(path, "rb") if str(path).endswith(".gz") else open(path, "rb")
        self.edges, self.next = {}, collections.defaultdict(set)
        with opened as f:
            for _, e in ElementTree.iterparse(f):
                if e.tag == "location":
                    self.offset = tuple(float(v) for v in e.get("netOffset").split(","))
                elif e.tag == "edge" and e.get("function", "normal") == "normal":
                    self._add_edge(e)
                elif e.tag == "connection" and not e.get("from").startswith(":"):
                    self.next[e.get("from")].add(e.get("to"))

    def _add_edge(self, e):
        lanes = e.findall("lane")
        bus = [i for i, lane in enumerate(lanes) if permits(lane, "bus")]
        if not bus:
            return
        lane = lanes[bus[0]]
        shape = [tuple(float(v) for v in p.split(",")[:2]) for p in lane.get("shape").split()]
        self.edges[e.get("id")] = Edge(e.get("id"), e.get("name", ""), float(lane.get("length")),
                                       max(float(x.get("speed")) for x in lanes), len(lanes), shape, bus[0])

    def xy(self, lat, lon):
        x, y = utm.forward(lat, lon)
        return x + self.offset[0], y + self.offset[1]

    def path(self, origin, target, allowed=lambda e: True):
        """Fastest edges from one edge to another, both included; None when there is no way."""
        best, heap, done = {origin: (0.0, None)}, [(0.0, origin)], set()
        while heap:
            cost, e = heapq.heappop(heap)
            if e in done:
                continue
            done.add(e)
            if e == target:
                way = [e]
                while best[way[-1]][1]:
                    way.append(best[way[-1]][1])
                return way[::-1]
            for n in sorted(self.next[e]):
                if n in self.edges and n not in done and allowed(self.edges[n]):
                    c = cost + self.edges[n].length / self.edges[n].speed
                    if n not in best or c < best[n][0]:
                        best[n] = (c, e)
                        heapq.heappush(heap, (c, n))
        return None


def permits(lane, vclass):
    if lane.get("allow"):
        return vclass in lane.get("allow").split() or lane.get("allow") == "all"
    return vclass not in lane.get("disallow", "").split() and lane.get("disallow") != "all"


def project(point, shape):
    """Distance of a point to a polyline, and how far along (m) the nearest place lies."""
    best, along = (math.inf, 0.0), 0.0
    for (x1, y1), (x2, y2) in zip(shape, shape[1:]):
        length = math.hypot(x2 - x1, y2 - y1)
        t = 0.0 if length == 0 else max(0, min(1, ((point[0] - x1) * (x2 - x1) + (point[1] - y1) * (y2 - y1)) / length**2))
        d = math.hypot(point[0] - x1 - t * (x2 - x1), point[1] - y1 - t * (y2 - y1))
        best = min(best, (d, along + t * length))
        along += length
    return best
