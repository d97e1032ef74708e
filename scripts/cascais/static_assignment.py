"""A static start for assign.py: hour by hour, the demand on its fastest ways, with delays that grow with the load.

Capacities: motorways 1,950 veh/h and lane, streets 1,600; entries to roundabouts after the Highway Capacity Manual (6th edition,
eq. 22-1 and 22-4 to 22-5, by the flow that circulates); approaches that give way after eq. 20-36 (critical gap 6.2 s, follow-up
3.5 s); signals are as full as signals.py, which times them, finds for the flows of their turns; local streets carry 700 veh/h.
Times are free * (1 + 0.8 x^4) + control * (1 + x) + 40 x^4 with x = volume / capacity (after the BPR function); all-or-nothing
loadings are averaged (method of successive averages), each on times blurred by 10 % as drivers perceive them.
"""
import collections
import csv
import gzip
import heapq
import math
import multiprocessing
import random
import xml.etree.ElementTree as ElementTree

import signals

CYCLE_S = 100  # of signals, here
BUSY_VEH_H = 100  # roads with right of way that carry more than this have their turns written
ROUNDS, BLUR, SEED = 10, 0.10, 7
LOCAL_VEH_H = 700.0  # what a local street carries
ORIGINS_A_ZONE = 2  # a zone's trips start on so many of its edges, those of the highest weight


class Graph:
    def __init__(self, net_gz):
        root = ElementTree.fromstring(gzip.decompress(net_gz.read_bytes()))
        self.ring = {e for r in root.findall("roundabout") for e in r.get("edges").split()}
        self.ids, self.free, self.length, self.lanes, kind, self.end = [], [], [], [], [], []
        for e in root.findall("edge"):
            if e.get("function", "normal") == "normal":
                lane = e.findall("lane")
                self.ids.append(e.get("id"))
                self.length.append(float(lane[0].get("length")))
                self.free.append(float(lane[0].get("length")) / max(float(x.get("speed")) for x in lane))
                self.lanes.append(len(lane))
                kind.append(e.get("type", ""))
                self.end.append(e.get("to"))
        self.index = {e: i for i, e in enumerate(self.ids)}
        self.most = [LOCAL_VEH_H if k == "highway.residential" else math.inf for k in kind]
        successors, states = [set() for _ in self.ids], [collections.Counter() for _ in self.ids]
        links = collections.defaultdict(list)                  # approach -> (junction's index of the link, its state)
        self.signals = signals.read_signals(root)
        for c in root.findall("connection"):
            a = self.index.get(c.get("from"))
            if a is None:
                continue
            successors[a].add(self.index[c.get("to")])
            signal = c.get("tl")
            states[a]["signal" if signal else c.get("state")] += 1
            links[a].append(c.get("via"))
        self.next = [sorted(s) for s in successors]
        self._controls(kind, states, self._yields(root, links))

    def _yields(self, root, links):
        """approach -> [(approach it waits for, share of that one's traffic)], after the junctions' rules of right of way."""
        owner = {via: a for a, vias in links.items() for via in vias if via}
        out = collections.defaultdict(list)
        for j in root.findall("junction"):
            inner = j.get("intLanes", "").split()
            rules = [r.get("response")[::-1] for r in j.findall("request")]
            if j.get("type") == "internal" or len(rules) != len(inner):
                continue
            total = collections.Counter(owner.get(v) for v in inner)
            met = collections.defaultdict(collections.Counter)
            for k, v in enumerate(inner):
                for other, waits in enumerate(rules[k]):
                    if waits == "1" and owner.get(v) is not None and owner.get(inner[other]) not in (None, owner[v]):
                        met[owner[v]][owner[inner[other]]] += 1
            for a, foes in met.items():
                out[a] = [(f, min(1.0, n / (total[a] * total[f]))) for f, n in sorted(foes.items())]
        return out

    def _controls(self, kind, states, yields):
        """What stands at each edge's end: ('free' | 'signal' | 'ring' | 'yield', delay when empty in s), and whom it waits for."""
        self.control, self.foes = [], [()] * len(self.ids)
        for i, e in enumerate(self.ids):
            rings = [n for n in self.next[i] if self.ids[n] in self.ring]
            if states[i]["signal"]:
                self.control.append(("signal", 18.0))
            elif e in self.ring:
                self.control.append(("circle", 0.0))
            elif rings:
                self.control.append(("ring", 4.0))
                self.foes[i] = tuple(rings)
            elif states[i]["M"] >= states[i]["m"]:
                motorway = kind[i].startswith("highway.motorway") and not states[i]["m"]
                self.control.append(("motorway" if motorway else "free", 1.0 if states[i]["m"] else 0.0))
            else:
                self.control.append(("yield", 6.0))
                self.foes[i] = tuple(yields[i])

    def loads(self, volume, turns):
        """Volume over capacity of each edge, from the volumes of edges and turns in veh/h."""
        out = []
        for i, (kind, _) in enumerate(self.control):
            if kind == "ring":
                v = max(0.0, sum(volume[j] for j in self.foes[i]) - volume[i])
                cap = (1380 * math.exp(-0.00102 * v) if self.lanes[i] == 1
                       else 1420 * math.exp(-0.00085 * v) + 1350 * math.exp(-0.00092 * v))
            elif kind == "yield":
                v = max(1.0, sum(volume[j] * share for j, share in self.foes[i]))
                cap = self.lanes[i] * max(30.0, v * math.exp(-v * 6.2 / 3600) / (1 - math.exp(-v * 3.5 / 3600)))
            else:
                cap = self.lanes[i] * {"circle": 1400.0, "motorway": 1950.0}.get(kind, 1600.0)
            out.append(volume[i] / min(cap, self.most[i]))
        flows = {(self.ids[a], self.ids[b]): (v,) for (a, b), v in turns.items()}
        for signal in self.signals.values():
            for approach, full in signals.saturation(signal, flows, CYCLE_S).items():
                i = self.index[approach]
                out[i] = max(min(out[i], 1.0), full)
        return out

    def times(self, volume, turns):
        out = []
        for free, (_, delay), x in zip(self.free, self.control, self.loads(volume, turns)):
            x = min(2.5, x)
            out.append(free * (1 + 0.8 * x**4) + delay * (1 + x) + 40 * x**4)
        return out


def read(path):
    with open(path, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def demand_by_hour(city):
    """[hour][origin zone][destination zone] -> vehicles."""
    share = collections.defaultdict(lambda: [0.0] * 24)
    for r in read(city / "profiles.csv"):
        share[r["purpose"]][int(float(r["begin_s"]) // 3600)] += float(r["share"])
    hours = [collections.defaultdict(collections.Counter) for _ in range(24)]
    for r in read(city / "od.csv"):
        for h, s in enumerate(share[r["purpose"]]):
            hours[h][r["from_zone"]][r["to_zone"]] += float(r["trips_per_day"]) * s
    return hours


def zone_ends(city, graph):
    """zone -> ([(origin edge, share)], [(destination edge, share)])."""
    out = collections.defaultdict(lambda: ([], []))
    for r in read(city / "zone_edges.csv"):
        for side, column in ((0, "weight"), (1, "destination_weight")):
            if float(r[column]) > 0:
                out[r["zone_id"]][side].append((graph.index[r["edge_id"]], float(r[column])))
    for origins, destinations in out.values():
        origins.sort(key=lambda o: (-o[1], o[0]))
        del origins[ORIGINS_A_ZONE:]
        for side in (origins, destinations):
            total = sum(w for _, w in side)
            side[:] = [(e, w / total) for e, w in side]
    return dict(out)


def tree(graph, times, origin):
    """(edges in order of arrival, edge before each): fastest ways from the end of an edge."""
    best, before, order, done = {origin: times[origin]}, {origin: -1}, [], set()
    heap = [(times[origin], origin)]
    while heap:
        t, e = heapq.heappop(heap)
        if e in done:
            continue
        done.add(e)
        order.append(e)
        for n in graph.next[e]:
            arrival = t + times[n]
            if arrival < best.get(n, 1e18):
                best[n], before[n] = arrival, e
                heapq.heappush(heap, (arrival, n))
    return order, before


def load(graph, times, trips, ends):
    """(volume of each edge, {(edge, next edge): volume}): everybody on the fastest way."""
    volume, turns = [0.0] * len(graph.ids), collections.Counter()
    for zone in sorted(trips):
        for origin, share in ends[zone][0]:
            order, before = tree(graph, times, origin)
            flow = dict.fromkeys(order, 0.0)
            for target, n in trips[zone].items():
                for e, part in ends[target][1]:
                    if e in flow:
                        flow[e] += n * share * part
            for e in reversed(order):
                volume[e] += flow[e]
                if before[e] >= 0 and flow[e] > 0:
                    flow[before[e]] += flow[e]
                    turns[before[e], e] += flow[e]
    return volume, turns


def assigned(task):
    """(hour, (volumes, turns)) after so many loadings."""
    graph, trips, ends, hour, rounds = task
    rng, volume, turns = random.Random(SEED + hour), [0.0] * len(graph.ids), {}
    for k in range(1, rounds + 1):
        blurred = [t * rng.lognormvariate(0, BLUR) for t in graph.times(volume, turns)]
        new, new_turns = load(graph, blurred, trips, ends)
        volume = [v + (n - v) / k for v, n in zip(volume, new)]
        turns = {t: turns.get(t, 0.0) + (new_turns[t] - turns.get(t, 0.0)) / k for t in {*turns, *new_turns}}
    return hour, (volume, turns)


def volumes(city, hours=range(24), trips=None):
    """(graph, {hour: (veh/h of each edge, {(edge, next edge): veh/h})}) of the prior demand, or of trips[hour][from][to]."""
    graph = Graph(city / "cascais.net.xml.gz")
    ends, trips = zone_ends(city, graph), trips or demand_by_hour(city)
    total = [sum(n for row in hour.values() for n in row.values()) for hour in trips]
    rounds = [max(1, math.ceil(ROUNDS * (t / max(total)) ** 1.5)) for t in total]  # quiet hours need few
    with multiprocessing.Pool() as pool:
        return graph, dict(pool.imap_unordered(assigned, [(graph, trips[h], ends, h, rounds[h]) for h in hours]))


def travel_times(graph, by_hour):
    """{(hour, edge): s} for what volumes() found."""
    return {(hour, e): t for hour, now in by_hour.items() for e, t in zip(graph.ids, graph.times(*now))}


def turn_flows(graph, by_hour, hours):
    """[(edge, next edge, veh/h in each of the hours)] at signals, on roundabouts, and where a busy road has right of way."""
    busy = {i for h in hours for i, v in enumerate(by_hour[h][0])
            if graph.control[i][0] == "free" and v >= BUSY_VEH_H and len(graph.next[i]) > 1}
    wanted = {t for h in hours for t in by_hour[h][1]
              if graph.control[t[0]][0] in ("signal", "circle", "ring") or t[0] in busy}
    rows = [(graph.ids[a], graph.ids[b], *(round(by_hour[h][1].get((a, b), 0.0)) for h in hours)) for a, b in wanted]
    return sorted(r for r in rows if any(r[2:]))
