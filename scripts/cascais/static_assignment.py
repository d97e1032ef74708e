"""A static start for assign.py: hour by hour, the demand on its fastest ways, with delays that grow with the load.

Capacities: motorways 1,950 veh/h and lane, streets 1,600; entries to roundabouts after the Highway Capacity Manual (6th edition,
eq. 22-1 and 22-4 to 22-5, by the flow that circulates); turns that give way after eq. 20-36 with the base gaps of exhibits 20-11 and
20-12, those that share a lane after eq. 20-59; signals are as full as signals.py, which times them, finds for the flows of their
turns; local streets carry 700 veh/h. With x = volume / capacity, driving takes free * (1 + 0.8 x^4) (after the BPR function); who
gives way, enters a roundabout or meets a signal waits after eq. 20-64, 22-17 and 19-26 (an hour's queue: T = 1), elsewhere queues
cost 40 x^4 s. All-or-nothing loadings are averaged (method of successive averages), each on times blurred by 10 % as drivers
perceive them; the first ones, on times far from those in the end, are left out of the result. No single set of times brings
drivers to divide as that average does: the times before each loading are kept as views, and each driver plans by one of them.
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
WARM_UP, ROUNDS, BLUR, SEED = 4, 8, 0.10, 7
LOCAL_VEH_H = 700.0  # what a local street carries
MOST_LOAD = 1.6  # delays grow no further: 540 s
GAPS_S = {"l": (7.1, 3.5), "r": (6.2, 3.3), "s": (6.5, 4.0), "main": (4.1, 2.2)}  # critical gap, follow-up headway by turn
ORIGINS_A_ZONE = 2  # a zone's trips start on so many of its edges, drawn by weight anew for each loading


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
        links = collections.defaultdict(list)                  # turn -> lanes through the junction
        self.signals, self.turning = signals.read_signals(root), {}
        for c in root.findall("connection"):
            a = self.index.get(c.get("from"))
            if a is None:
                continue
            successors[a].add(self.index[c.get("to")])
            signal = c.get("tl")
            states[a]["signal" if signal else c.get("state")] += 1
            links[a, self.index[c.get("to")]].append(c.get("via"))
            self.turning[a, self.index[c.get("to")]] = {"l": "l", "L": "l", "t": "l", "r": "r", "R": "r"}.get(c.get("dir"), "s")
        self.next = [sorted(s) for s in successors]
        self.waits = self._yields(root, links)
        self._controls(kind, states)

    def _yields(self, root, links):
        """turn -> [(turn it waits for, share of that one's traffic)], after the junctions' rules of right of way."""
        owner = {via: turn for turn, vias in links.items() for via in vias if via}
        out = {}
        for j in root.findall("junction"):
            inner = j.get("intLanes", "").split()
            rules = [r.get("response")[::-1] for r in j.findall("request")]
            if j.get("type") == "internal" or len(rules) != len(inner):
                continue
            total = collections.Counter(owner.get(v) for v in inner)
            met = collections.defaultdict(collections.Counter)
            for k, v in enumerate(inner):
                for other, waits in enumerate(rules[k]):
                    one, two = owner.get(v), owner.get(inner[other])
                    if waits == "1" and one is not None and two is not None and one[0] != two[0]:
                        met[one][two] += 1
            for turn, foes in met.items():
                out[turn] = [(f, min(1.0, n / (total[turn] * total[f]))) for f, n in sorted(foes.items())]
        return out

    def _controls(self, kind, states):
        """What stands at each edge's end: ('free' | 'signal' | 'ring' | 'yield', delay when empty in s), and the ring it waits for."""
        self.control, self.foes = [], [()] * len(self.ids)
        for i, e in enumerate(self.ids):
            rings = [n for n in self.next[i] if self.ids[n] in self.ring]
            if states[i]["signal"]:
                self.control.append(("signal", 18.0))
            elif e in self.ring:
                self.control.append(("circle", 0.0))
            elif rings:
                self.control.append(("ring", 0.0))
                self.foes[i] = tuple(rings)
            elif states[i]["M"] >= states[i]["m"]:
                motorway = kind[i].startswith("highway.motorway") and not states[i]["m"]
                self.control.append(("motorway" if motorway else "free", 1.0 if states[i]["m"] else 0.0))
            else:
                self.control.append(("yield", 0.0))

    def loads(self, volume, turns):
        """[(volume over capacity, capacity in veh/h of a lane or a shared turn)] of each edge, from volumes of edges and turns."""
        out = []
        for i, (kind, _) in enumerate(self.control):
            if kind in ("yield", "free"):
                x, c = self._priority(i, kind, turns)
                out.append((max(x, volume[i] / self.most[i]), c))
                continue
            if kind == "ring":
                v = max(0.0, sum(volume[j] for j in self.foes[i]) - volume[i])
                cap = (1380 * math.exp(-0.00102 * v) if self.lanes[i] == 1
                       else 1420 * math.exp(-0.00085 * v) + 1350 * math.exp(-0.00092 * v))
            else:
                cap = self.lanes[i] * {"circle": 1400.0, "motorway": 1950.0}.get(kind, 1600.0)
            cap = min(cap, self.most[i])
            out.append((volume[i] / cap, cap / self.lanes[i]))
        flows = {(self.ids[a], self.ids[b]): (v,) for (a, b), v in turns.items()}
        for signal in self.signals.values():
            for approach, full in signals.saturation(signal, flows, CYCLE_S).items():
                i = self.index[approach]
                x = max(min(out[i][0], 1.0), full)
                out[i] = (x, max(volume[i], 100.0) / max(x, 0.05))
        return out

    def _priority(self, i, kind, turns):
        """(load, capacity) of lanes shared by turns that wait and others: sum of the turns' loads, and their volumes over it."""
        volume = total = fullest = 0.0
        for after in self.next[i]:
            v, c = turns.get((i, after), 0.0), 1600.0
            if (i, after) in self.waits:
                q = max(1.0, sum(turns.get(foe, 0.0) * share for foe, share in self.waits[i, after]))
                critical_s, follow_up_s = GAPS_S["main" if kind == "free" else self.turning[i, after]]
                c = max(30.0, q * math.exp(-q * critical_s / 3600) / (1 - math.exp(-q * follow_up_s / 3600)))
                fullest = max(fullest, v / c)
            volume, total = volume + v + 1, total + (v + 1) / c  # one more: so that an empty street has a capacity, too
        return max(total / self.lanes[i], fullest), volume / total if total else 1600.0

    def times(self, volume, turns):
        out = []
        for free, (kind, delay), (x, c) in zip(self.free, self.control, self.loads(volume, turns)):
            x = min(MOST_LOAD, x)
            drive = free * (1 + 0.8 * x**4)
            if kind in ("yield", "ring"):
                out.append(drive + 3600 / c + queue_s(x, c, 8.0) + 5 * (min(x, 1) if kind == "ring" else 1))
            elif kind == "signal":
                out.append(drive + delay * (1 + x) + queue_s(x, c, 4.0))
            else:
                out.append(drive + delay * (1 + x) + 40 * x**4)
        return out


def queue_s(x, c, k):
    """Wait for those before in a queue, over an hour that begins without one; k: 8 where arrivals and gaps are random, 4 at signals."""
    return 900 * (x - 1 + math.sqrt((x - 1) ** 2 + k * x / c))


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


def sample(origins, rng):
    """[(edge, share)]: some of the edges, by systematic sampling."""
    at, chosen, first = 0.0, collections.Counter(), rng.random()
    points = [(first + i) / ORIGINS_A_ZONE for i in range(ORIGINS_A_ZONE)]
    for e, share in origins:
        at += share
        while points and points[0] < at + 1e-9:
            chosen[e] += 1 / ORIGINS_A_ZONE
            points.pop(0)
    return sorted(chosen.items())


def load(graph, times, trips, ends, rng):
    """(volume of each edge, {(edge, next edge): volume}): everybody on the fastest way."""
    volume, turns = [0.0] * len(graph.ids), collections.Counter()
    for zone in sorted(trips):
        for origin, share in sample(ends[zone][0], rng):
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
    """(hour, (volumes, turns, views)) after so many loadings; views: times of the edges that the loadings averaged were made on."""
    graph, trips, ends, hour, warm_up, rounds = task
    rng, volume, turns = random.Random(SEED + hour), [0.0] * len(graph.ids), {}
    views, kept = [], []
    for k in range(1, warm_up + rounds + 1):
        times = graph.times(volume, turns)
        new, new_turns = load(graph, [t * rng.lognormvariate(0, BLUR) for t in times], trips, ends, rng)
        if k > warm_up:
            views.append(times)
            kept.append((new, new_turns))
        step = 1 / (k if k <= warm_up else k - warm_up + 1)
        volume = [v + (n - v) * step for v, n in zip(volume, new)]
        turns = {t: turns.get(t, 0.0) + (new_turns[t] - turns.get(t, 0.0)) * step for t in {*turns, *new_turns}}
    volume = [sum(v) / rounds for v in zip(*(v for v, _ in kept))]
    turns = {t: sum(k[t] for _, k in kept) / rounds for t in sorted({t for _, k in kept for t in k})}
    return hour, (volume, turns, views)


def volumes(city, hours=range(24), trips=None):
    """(graph, {hour: (veh/h of each edge, {(edge, next edge): veh/h}, views)}) of the prior demand, or of trips[hour][from][to]."""
    graph = Graph(city / "cascais.net.xml.gz")
    ends, trips = zone_ends(city, graph), trips or demand_by_hour(city)
    total = [sum(n for row in hour.values() for n in row.values()) for hour in trips]
    part = [(t / max(total)) ** 1.5 for t in total]  # quiet hours need few
    tasks = [(graph, trips[h], ends, h, math.floor(WARM_UP * part[h]), max(1, math.ceil(ROUNDS * part[h]))) for h in hours]
    with multiprocessing.Pool() as pool:
        return graph, dict(pool.imap_unordered(assigned, sorted(tasks, key=lambda t: (-t[5], t[3])), chunksize=1))


def travel_times(graph, by_hour):
    """{hour: [{edge: s} of each view]} for what volumes() found."""
    return {hour: [dict(zip(graph.ids, times)) for times in views] for hour, (_, _, views) in by_hour.items()}


def turn_flows(graph, by_hour, hours):
    """[(edge, next edge, veh/h in each of the hours)] at signals, on roundabouts, and where a busy road has right of way."""
    busy = {i for h in hours for i, v in enumerate(by_hour[h][0])
            if graph.control[i][0] == "free" and v >= BUSY_VEH_H and len(graph.next[i]) > 1}
    wanted = {t for h in hours for t in by_hour[h][1]
              if graph.control[t[0]][0] in ("signal", "circle", "ring") or t[0] in busy}
    rows = [(graph.ids[a], graph.ids[b], *(round(by_hour[h][1].get((a, b), 0.0)) for h in hours)) for a, b in wanted]
    return sorted(r for r in rows if any(r[2:]))
