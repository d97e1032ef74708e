"""From the planar graph to SUMO's nodes, edges and connections: roundabouts, turning bays, merging lanes of motorways."""
import collections
import math

import geometry as geo

BAY_M = 90.0        # length of a turning lane before a signal
SHORTEST_BAY_M = 25.0
BAY_CLEAR_M = 28.0  # between the junction before and a bay's begin
FULL_LANE_VEH_H = 450.0  # an approach to a signal with more a lane than this gets another
FLARE_M = 45.0      # length of the second lane before a roundabout
MERGE_LANE_M = 220.0  # length of acceleration and deceleration lanes, for each lane that joins or leaves
OWN_LANE_M = 150.0  # least length of the lane that a ramp brings to a street
# opposing volume, and the advancing volumes from which 5, 10, 20 and 30 % of left turns warrant a lane of their own
LEFT_BAY_VEH_H = ((800, (330, 240, 180, 160)), (600, (410, 305, 225, 200)), (400, (510, 380, 275, 245)),
                  (200, (640, 470, 350, 305)), (100, (720, 515, 390, 340)))
RING_ARC_M = {1: 22.0, 2: 30.0}  # from one arm of a ring to the next, by lanes: room for who waits to leave
RING_SPEED_MPS = 25 / 3.6


class Node:
    def __init__(self, xy, type_, radius=None):
        self.xy, self.type, self.radius = xy, type_, radius


class Edge:
    def __init__(self, id_, road, start, end, shape, oneway):
        self.id, self.start, self.end, self.shape, self.oneway = id_, start, end, list(shape), oneway
        self.name, self.type, self.priority = road.name, road.type, road.priority
        self.base_lanes = road.lanes
        self.lanes, self.speed_mps, self.cls, self.road = road.lanes, road.speed_mps, road.cls, road.id
        self.own_lane = road.own_lane

    def points(self, plan):
        return [plan.nodes[self.start].xy, *self.shape, plan.nodes[self.end].xy]

    def divided(self):
        return not self.oneway and self.base_lanes >= 2

    def part(self, id_, start, end, shape, lanes):
        other = object.__new__(Edge)
        other.__dict__.update(self.__dict__)
        other.id, other.start, other.end, other.shape, other.lanes = id_, start, end, list(shape), lanes
        return other


Ring = collections.namedtuple("Ring", "name nodes edges")


class Plan:
    def __init__(self, graph, named, flows):
        """flows: {(from edge, to edge): veh/h in each peak} of turns on roundabouts, where known."""
        self.flows = flows
        self.nodes, self.edges, self.rings, self.connections = {}, {}, [], []
        self.wide_whole = []  # edges of which a bay takes up all
        self.named = named
        for n, xy in graph.xy.items():
            kind = named[n]["kind"] if n in named else "priority"
            self.nodes[n] = Node(xy, {"signal": "traffic_light", "gate": "dead_end"}.get(kind, "priority"))
        self._add_blocks(graph)
        for n in sorted(named):
            if named[n]["kind"] == "roundabout":
                self._expand_roundabout(n, float(named[n]["radius_m"]), int(named[n]["lanes"]))
        self._own_lanes()
        self._motorway_lanes()
        self._ramps_on_streets()
        for ring in self.rings:
            self._flare(ring)
            self._connect_ring(ring)
        for n in sorted(self.nodes):
            if self.nodes[n].type == "priority" and not n.endswith(".cut"):
                self._median(n)
                self._left_bays(n)
        for n in sorted(named):
            if named[n]["kind"] == "signal":
                self._add_bays(n)
        for e in self.wide_whole:
            self._reach_all_lanes(e)

    def _add_blocks(self, graph):
        for road, count, a, b, shape in graph.blocks:
            ahead, back = letters_of(road)
            for letter, start, end, points in ((ahead, a, b, shape), (back, b, a, shape[::-1])):
                if road.oneway and (start, end) != (a, b):
                    continue
                id_ = f"{road.id}{count:02d}" if road.oneway else f"{road.id}_{letter}{count:02d}"
                self.edges[id_] = Edge(id_, road, start, end, points, road.oneway)

    def _arms(self, n):
        """Edges at a node by neighbour: [(angle, in edge or None, out edge or None)], counterclockwise."""
        arms = {}
        for e in sorted(self.edges.values(), key=lambda e: e.id):
            if e.start == n:
                key = (e.road, e.end) if not e.oneway else (e.id, "")
                arms.setdefault(key, [0, None, None])[2] = e
                arms[key][0] = geo.bearing(self.nodes[n].xy, e.points(self)[1])
            elif e.end == n:
                key = (e.road, e.start) if not e.oneway else (e.id, "")
                arms.setdefault(key, [0, None, None])[1] = e
                arms[key][0] = geo.bearing(self.nodes[n].xy, e.points(self)[-2])
        return sorted(arms.values(), key=lambda a: (a[0], (a[1] or a[2]).id))

    def _expand_roundabout(self, n, radius, lanes):
        centre, arms = self.nodes[n].xy, self._arms(n)
        if len(arms) < 3:
            raise SystemExit(f"nodes.csv: roundabout '{n}' has {len(arms)} arms; a roundabout needs 3 or more")
        least = min(50.0, 0.92 * 360 / len(arms))
        angles = spread([a[0] for a in arms], least)
        radius = max(radius, 8.5 * 360 / (2 * math.pi) * 2.6 / least)
        closest = min((b - a) % 360 for a, b in zip(angles, angles[1:] + angles[:1]))
        radius = max(radius, RING_ARC_M[min(lanes, 2)] / math.radians(closest))
        ring_nodes = []
        for k, angle in enumerate(angles):
            name = f"{n}.{k + 1}"
            at = (centre[0] + radius * math.cos(math.radians(angle)), centre[1] + radius * math.sin(math.radians(angle)))
            self.nodes[name] = Node(at, "priority", 4)
            ring_nodes.append(name)
            for e, outward in ((arms[k][1], False), (arms[k][2], True)):
                if e is None:
                    continue
                if outward:
                    e.start = name
                else:
                    e.end = name
                e.shape = [p for p in e.shape if math.dist(p, centre) > radius + 12]
        del self.nodes[n]
        ring_edges = []
        like = max((e for a in arms for e in a[1:] if e), key=lambda e: e.priority)
        for k, name in enumerate(ring_nodes):
            after = ring_nodes[(k + 1) % len(ring_nodes)]
            a0, a1 = angles[k], angles[(k + 1) % len(angles)]
            a1 += 360 if a1 <= a0 else 0
            steps = max(2, int((a1 - a0) / 20))
            shape = [(centre[0] + radius * math.cos(math.radians(a0 + (a1 - a0) * i / steps)),
                      centre[1] + radius * math.sin(math.radians(a0 + (a1 - a0) * i / steps))) for i in range(1, steps)]
            e = like.part(f"{n}_{k + 1}", name, after, shape, lanes)
            e.oneway, e.speed_mps, e.priority, e.name, e.road = True, RING_SPEED_MPS, 15, self.named[n]["name"], n
            e.type = "highway.secondary" if lanes > 1 else "highway.tertiary"
            e.cls = "ring"
            self.edges[e.id] = e
            ring_edges.append(e.id)
        self.rings.append(Ring(n, ring_nodes, ring_edges))

    def _split(self, e, along, first_lanes, second_lanes, suffixes):
        """Cuts an edge in two at a distance; the pieces keep its id with the suffixes ('' for the one that keeps it)."""
        line = e.points(self)
        at, _ = geo.point_at(line, along)
        total = geo.length(line)
        node = f"{e.id}{suffixes[0] or suffixes[1]}.cut"
        self.nodes[node] = Node(at, "priority")
        del self.edges[e.id]
        parts = (e.part(e.id + suffixes[0], e.start, node, geo.cut(line, 0, along)[1:-1], first_lanes),
                 e.part(e.id + suffixes[1], node, e.end, geo.cut(line, along, total)[1:-1], second_lanes))
        for p in parts:
            self.edges[p.id] = p
        return parts

    def _motorway_lanes(self):
        """Ramps get lanes of their own to merge from and to leave by; connections on motorways are explicit."""
        ramps = [e for e in self.edges.values() if e.cls == "ramp"]
        joins, leaves = collections.Counter(), collections.Counter()
        for r in ramps:
            joins[r.end] += r.lanes
            leaves[r.start] += r.lanes
        for e in sorted((e for e in self.edges.values() if e.cls == "motorway"), key=lambda e: e.id):
            self._widen(e, joins[e.start], leaves[e.end])
        incoming, outgoing = collections.defaultdict(list), collections.defaultdict(list)
        for e in sorted(self.edges.values(), key=lambda e: e.id):
            outgoing[e.start].append(e)
            incoming[e.end].append(e)
        for n in sorted(self.nodes):
            self._connect_motorway(incoming[n], outgoing[n])

    def _widen(self, e, joining, leaving):
        total, base = geo.length(e.points(self)), e.lanes
        joins_m, leaves_m = MERGE_LANE_M * joining, MERGE_LANE_M * leaving
        if total < joins_m + leaves_m + 80:
            e.lanes = base + max(joining, leaving)
            return
        if leaving:
            e, _ = self._split(e, total - leaves_m, base, base + leaving, ("", "d"))
        if joining:
            self._split(e, joins_m, base + joining, base, ("m", ""))

    def _connect_motorway(self, incoming, outgoing):
        main_in = [e for e in incoming if e.cls == "motorway"]
        main_out = [e for e in outgoing if e.cls == "motorway"]
        if len(main_in) != 1 or len(main_out) != 1:
            return
        a, b = main_in[0], main_out[0]
        on = [e for e in incoming if e.cls == "ramp"]
        off = [e for e in outgoing if e.cls == "ramp"]
        gone = sum(e.lanes for e in off)   # lanes of a that leave by ramps
        new = sum(e.lanes for e in on)     # lanes of b that ramps bring
        for e in off:
            self._connect(a, e, [(i, i) for i in range(e.lanes)])
        for e in on:
            self._connect(e, b, [(i, i) for i in range(e.lanes)])
        through, room = a.lanes - gone, b.lanes - new
        pairs = [(gone + through - 1 - k, new + room - 1 - k) for k in range(min(through, room))]
        pairs += [(gone, new + j) for j in range(room - through)]  # lanes that begin here: from the rightmost one through
        self._connect(a, b, pairs)

    def _own_lanes(self):
        """Ramps with `own_lane` bring a lane to what they join: on to the next ring or signal, or OWN_LANE_M, where it merges like a zip."""
        rings = {n for r in self.rings for n in r.nodes}
        for ramp in sorted((e for e in self.edges.values() if e.own_lane), key=lambda e: e.id):
            ahead = [x for x in self.edges.values() if x.start == ramp.end and turn(ramp.points(self), x.points(self)) <= 75]
            if any(x.road == ramp.road for x in ahead):
                continue
            if len(ahead) != 1:
                raise SystemExit(f"roads.toml: ramp '{ramp.road}' with own_lane must lead on to one road; it leads to {len(ahead)}")
            here, done = ahead[0], 0.0
            self._connect(ramp, here, [(i, i) for i in range(ramp.lanes)])
            for a in self._same_road(here, before=True):
                self._connect(a, here, [(i, i + ramp.lanes) for i in range(a.lanes)])
            here.lanes += ramp.lanes
            done = geo.length(here.points(self))
            while done < OWN_LANE_M and here.end not in rings and self.nodes[here.end].type == "priority":
                after = self._same_road(here, before=False)
                if not after:
                    break
                exits = [x for x in self.edges.values() if x.start == here.end and x.cls == "ramp"
                         and turn(here.points(self), x.points(self)) <= 75]
                for x in exits:
                    self._connect(here, x, [(i, i) for i in range(x.lanes)])
                if any(x.lanes > ramp.lanes for x in exits):  # the lane leads out: were it to go on, it would cross who leaves beside it
                    self._connect(here, after[0], [(i, i - ramp.lanes) for i in range(ramp.lanes, here.lanes)])
                    done = math.inf
                    break
                self._connect(here, after[0], [(i, i) for i in range(here.lanes)])
                here = after[0]
                here.lanes += ramp.lanes
                done += geo.length(here.points(self))
            if done < math.inf:
                self._end_own_lane(here, ramp.lanes, done, rings)

    def _end_own_lane(self, here, more, done, rings):
        total = geo.length(here.points(self))
        if here.cls == "ramp" or here.end in rings or self.nodes[here.end].type != "priority" or done - OWN_LANE_M < SHORTEST_BAY_M:
            return
        wide, narrow = self._split(here, total - (done - OWN_LANE_M), here.lanes, here.lanes - more, ("o", ""))
        self.nodes[wide.end].type = "zipper"
        self._connect(wide, narrow, [(i, max(0, i - more)) for i in range(wide.lanes)])

    def _same_road(self, e, before):
        """The edge that leads into e, or on from it, along the same road."""
        if before:
            return [x for x in self.edges.values() if x.end == e.start and x.road == e.road and x.start != e.end]
        return [x for x in self.edges.values() if x.start == e.end and x.road == e.road and x.end != e.start]

    def _ramps_on_streets(self):
        """Ramps that begin or end on a street serve its near side only: no turns across the traffic that comes towards."""
        for ramp in sorted((e for e in self.edges.values() if e.cls == "ramp"), key=lambda e: e.id):
            joined = [x for x in self.edges.values() if x.start == ramp.end]
            if joined and all(x.cls not in ("ring", "motorway", "ramp") for x in joined):
                ramp.priority = min(x.priority for x in joined) - 1  # gives way
            elif any(x.cls == "ramp" and x.road != ramp.road for x in joined):
                ramp.priority -= 1  # and so does the one that joins another
            for other in sorted(self.edges.values(), key=lambda e: e.id):
                if other.cls in ("ring", "motorway") or other is ramp:
                    continue
                if other.end == ramp.start and turn(other.points(self), ramp.points(self)) > 75:
                    self.connections.append({"delete": True, "from": other.id, "to": ramp.id})
                if other.start == ramp.end and turn(ramp.points(self), other.points(self)) > 100:
                    self.connections.append({"delete": True, "from": ramp.id, "to": other.id})

    def _flare(self, ring):
        """Entries of one lane to a roundabout of two widen to two; exits have two that merge."""
        if self.edges[ring.edges[0]].lanes < 2:
            return
        for e in sorted((e for e in self.edges.values() if e.end in ring.nodes and e.id not in ring.edges), key=lambda e: e.id):
            if e.lanes == 1 and e.cls != "local":
                self._widen_end(e, FLARE_M)
        for e in sorted((e for e in self.edges.values() if e.start in ring.nodes and e.id not in ring.edges), key=lambda e: e.id):
            if e.lanes == 1 and e.cls not in ("local", "ramp") and geo.length(e.points(self)) >= FLARE_M + SHORTEST_BAY_M:
                wide, narrow = self._split(e, FLARE_M, 2, 1, ("x", ""))
                self.nodes[wide.end].type = "zipper"
                self._connect(wide, narrow, [(0, 0), (1, 0)])

    def _connect_ring(self, ring):
        """On a ring of two lanes both may be left at an exit of two lanes and both go on around: nobody need change lanes on it."""
        if self.edges[ring.edges[0]].lanes != 2:
            return
        for e in ring.edges:
            before = self.edges[e]
            n = before.end
            after = next(x for x in self.edges.values() if x.start == n and x.id in ring.edges)
            exits = [x for x in self.edges.values() if x.start == n and x.id not in ring.edges]
            for x in exits:
                self._connect(before, x, [(0, 0), (1, 1)] if x.lanes >= 2 else [(0, 0), (1, 0)])
            self._connect(before, after, [(0, 0), (1, 1)])
            for x in sorted((x for x in self.edges.values() if x.end == n and x is not before), key=lambda x: x.id):
                self._connect(x, after, [(0, 0), (0, 1)] if x.lanes == 1 else [(0, 0), *((i, 1) for i in range(1, x.lanes))])

    def _median(self, n):
        """Two-lane roads have a median: at a street without signal one turns right into it and right out of it only."""
        incoming = sorted((e for e in self.edges.values() if e.end == n), key=lambda e: e.id)
        outgoing = sorted((e for e in self.edges.values() if e.start == n), key=lambda e: e.id)
        divided = [e for e in incoming + outgoing if e.divided()]
        streets = [e for e in incoming + outgoing if e.cls == "local"]
        if len(divided) < 4 or not streets or any(not e.divided() and e.cls not in ("local", "ramp") for e in incoming + outgoing):
            return
        for a in incoming:
            for b in outgoing:
                if a.start == b.end or a.divided() and b.divided() or "ramp" in (a.cls, b.cls):
                    continue
                if (a.divided() or b.divided()) and side(a.points(self), b.points(self)) < 0:
                    continue  # to the right
                self.connections.append({"delete": True, "from": a.id, "to": b.id})

    def _left_bays(self, n):
        """Who waits to turn left from a main road into one of some importance stands in a lane of his own."""
        incoming = sorted((e for e in self.edges.values() if e.end == n), key=lambda e: e.id)
        outgoing = [e for e in self.edges.values() if e.start == n]
        for e in incoming:
            if self._warrants_left_bay(e, incoming, outgoing):
                exits = [x for x in outgoing if not self._turns_back(e, x)]
                wide = self._widen_end(e, BAY_M)
                self._mark_lanes(wide, exits, {x.id: self._flow(e, x) for x in exits})
                continue
            others = [x for x in incoming if x is not e and x.road != e.road and x.priority < e.priority]
            lefts = [x for x in outgoing if x.end != e.start and x.road != e.road and x.cls not in ("local", "ramp")
                     and 30 < side(e.points(self), x.points(self)) < 150]
            if not others or not lefts or len(outgoing) < 3 or e.cls not in ("avenue", "main", "urban"):
                continue
            self._widen_end(e, BAY_M)

    def _warrants_left_bay(self, e, incoming, outgoing):
        """Whether who turns left here would stand in the way of more than a road of one lane bears (Harmelink, 1967)."""
        if e.lanes > 1 or e.cls not in ("avenue", "main", "urban", "collector"):
            return False
        ahead = [x for x in outgoing if x.road == e.road and not self._turns_back(e, x)]
        facing = [x for x in incoming if x.road == e.road and x is not e]
        lefts = [x for x in outgoing if x not in ahead and not self._turns_back(e, x) and side(e.points(self), x.points(self)) > 30]
        if len(ahead) != 1 or len(facing) != 1 or not lefts:
            return False
        for peak in (0, 1):
            advancing = sum(self._flow(e, x, peak) for x in outgoing)
            opposing = sum(self._flow(facing[0], x, peak) for x in outgoing if x not in lefts)
            if left_bay_warranted(advancing, opposing, sum(self._flow(e, x, peak) for x in lefts)):
                return True
        return False

    def _flow(self, a, b, peak=None):
        """veh/h of a turn in a peak, or in the fuller one; approaches may have had a bay when they were counted."""
        found = [self.flows.get((f, b.id), (0.0, 0.0)) for f in (a.id, a.id + "t")]
        return max(max(f) if peak is None else f[peak] for f in found)

    def _widen_end(self, e, length, more=1):
        """Lanes more on the last stretch; they begin behind the last junction, so that all who come reach each lane.

        Returns the edge that has them."""
        total = geo.length(e.points(self))
        if total > SHORTEST_BAY_M + BAY_CLEAR_M:
            return self._split(e, total - min(length, total - BAY_CLEAR_M), e.lanes, e.lanes + more, ("", "t"))[1]
        e.lanes += more
        self.wide_whole.append(e)
        return e

    def _reach_all_lanes(self, e):
        """An edge too short for a bay has its further lanes all along: who comes on its road chooses among them as he enters."""
        for a in self._same_road(e, before=True):
            more = e.lanes - a.lanes
            if more <= 0 or self.nodes[e.start].type != "priority" or any(c["from"] == a.id and "delete" not in c for c in self.connections):
                continue
            closed = {c["to"] for c in self.connections if c["from"] == a.id}
            for b in sorted((x for x in self.edges.values() if x.start == e.start), key=lambda x: x.id):
                angle = side(a.points(self), b.points(self))
                if b is e:
                    self._connect(a, e, [(0, j) for j in range(more)] + [(i, i + more) for i in range(a.lanes)])
                elif b.id not in closed and not self._turns_back(a, b):
                    self._connect(a, b, [(0, 0) if angle < 0 else (a.lanes - 1, b.lanes - 1)])

    def _connect(self, a, b, lanes):
        for i, j in lanes:
            self.connections.append({"from": a.id, "to": b.id, "fromLane": i, "toLane": j})

    def _add_bays(self, n):
        """Each approach to a signal with more than one way on gets a lane more on its last stretch, a full one two; lanes after flows."""
        approaches = [e for e in self.edges.values() if e.end == n]
        for e in sorted(approaches, key=lambda e: e.id):
            exits = [x for x in self.edges.values() if x.start == n and not self._turns_back(e, x)]
            if len(exits) < 2:
                continue
            flow = {x.id: self._flow(e, x) for x in exits}
            more = e.base_lanes + (2 if sum(flow.values()) > FULL_LANE_VEH_H * (e.base_lanes + 1) else 1) - e.lanes
            more = min(more, sum(x.lanes for x in exits) - e.lanes)  # no more than lead somewhere
            if more > 0 and (e.cls != "local" or geo.length(e.points(self)) >= 70):
                e = self._widen_end(e, BAY_M, more)
            if e.lanes > 1 and sum(flow.values()) > 0:
                self._mark_lanes(e, exits, flow)

    def _turns_back(self, e, x):
        return x.end == e.start or x.road == e.road and turn(e.points(self), x.points(self)) > 150

    def _mark_lanes(self, e, exits, flow):
        """Which lanes of an approach lead where: the marking that fills the fullest lane least; turns stand right to left."""
        turns = sorted(exits, key=lambda x: (side(e.points(self), x.points(self)), x.id))
        angles = [side(e.points(self), x.points(self)) for x in turns]
        best = None
        for lanes in markings(e.lanes, [x.lanes for x in turns]):
            load = [0.0] * e.lanes
            for x, used in zip(turns, lanes):
                for i in used:
                    load[i] += max(15.0, flow[x.id]) / len(used)
            for k in range(len(turns) - 1):  # who waits to turn left stands in the way of those behind
                if lanes[k][-1] == lanes[k + 1][0] and angles[k + 1] > 30:
                    load[lanes[k][-1]] *= 1 + 2 * min(1.0, flow[turns[k].id] / 100)
            key = (round(max(load)), sum(v * v for v in load), lanes)
            best = min(best or key, key)
        for x, angle, used in zip(turns, angles, best[2]):
            room = x.lanes - len(used)
            first = 0 if angle < -30 else min(room, used[0]) if angle <= 30 else room  # right turns keep right, left turns left
            self._connect(e, x, [(i, first + k) for k, i in enumerate(used)])
            if abs(angle) <= 30 and self.nodes[x.start].type == "priority":  # and who goes on may take any lane that begins here
                self._connect(e, x, [(used[0], j) for j in range(first)])
                self._connect(e, x, [(used[-1], j) for j in range(first + len(used), x.lanes)])

    def summary(self):
        real = {n for n in self.nodes if not n.endswith(".cut")}
        signals = sum(1 for n in self.nodes.values() if n.type == "traffic_light")
        km = sum(geo.length(e.points(self)) for e in self.edges.values()) / 1000
        return (f"{len(real)} junctions, {signals} signals, {len(self.rings)} roundabouts, {len(self.edges)} edges, {km:.0f} km of edges")


def left_bay_warranted(advancing, opposing, left):
    """Guide for left-turn lanes on two-lane roads at 60 km/h (AASHTO Green Book, after Harmelink, HRR 211, 1967); veh/h."""
    if advancing <= 0:
        return False
    for least, volumes in LEFT_BAY_VEH_H:
        if opposing >= least:
            return any(left / advancing >= share and advancing >= volume for share, volume in zip((0.05, 0.1, 0.2, 0.3), volumes))
    return False


def markings(lanes, widths):
    """All ways to give each turn, from right to left, a run of lanes; neighbours may share one. widths: lanes of the exits."""
    def rest(first, k):
        for last in range(first, min(lanes, first + widths[k])):
            used = list(range(first, last + 1))
            if k == len(widths) - 1:
                if last == lanes - 1:
                    yield [used]
                continue
            for after in (last, last + 1):
                if after < lanes:
                    yield from ([used, *more] for more in rest(after, k + 1))
    return list(rest(0, 0))


def turn(one, two):
    """Angle between the end of one line and the beginning of another, 0 for straight on, in degrees."""
    d = (geo.bearing(two[0], two[1]) - geo.bearing(one[-2], one[-1])) % 360
    return min(d, 360 - d)


def side(one, two):
    """Signed angle between the end of one line and the beginning of another: positive to the left, -180..180 degrees."""
    d = (geo.bearing(two[0], two[1]) - geo.bearing(one[-2], one[-1])) % 360
    return d - 360 if d > 180 else d


def letters_of(road):
    import drawing
    return drawing.letters(road.line)


def spread(angles, least):
    """Angles moved apart until neighbours are `least` degrees from each other, as little as it takes."""
    out = list(angles)
    for _ in range(400):
        moved = False
        for k in range(len(out)):
            nxt = (k + 1) % len(out)
            gap = (out[nxt] - out[k]) % 360 if len(out) > 1 else 360
            if gap > 300 and len(out) > 2:
                gap -= 360  # out of order: pushed past each other
            if gap < least - 0.01:
                push = (least - gap) / 2
                out[k] -= push
                out[nxt] += push
                moved = True
        if not moved:
            break
    return [a % 360 for a in out]
