"""From the plain sources (roads.toml, streets.toml, nodes.csv) to a planar graph: nodes, and blocks of roads between them.

Roads of one level are joined wherever they cross; ends within reach of another road are led to it. Named nodes attract the
roads that pass. Streets (streets.toml) are rows of parallel local streets given by a centre, a bearing and spacings: they are
led on to the roads around, stop at the railway, the motorways and the sea, and lose their dead ends.
"""
import collections
import csv
import math
import sys
import tomllib

import geometry as geo
import net
import utm

SNAP_M = 34.0        # a named node draws roads that pass this near
REACH_M = 45.0       # an end is led to a road this near
CLEAR_M = {"roundabout": 50.0, "signal": 40.0}  # no local street joins a road nearer to one than this
MERGE_M = 30.0       # junctions nearer than this are one
STREET_REACH_M = 240.0


class Road:
    def __init__(self, table, classes, source):
        cls = table.get("class")
        if cls not in classes:
            sys.exit(f"{source}: road '{table.get('id')}' has the unknown class '{cls}'; known: {', '.join(classes)}")
        known = {"id", "name", "ref", "class", "level", "dual", "path", "oneway", "start_on", "end_on", "lanes", "speed_kmh",
                 "own_lane", "frontage"}
        for key in table:
            if key not in known:
                sys.exit(f"{source}: road '{table['id']}' has the unknown key '{key}'; known: {', '.join(sorted(known))}")
        self.id, self.name, self.ref, self.cls = table["id"], table["name"], table.get("ref", ""), cls
        self.level, self.oneway = table.get("level", 0), table.get("oneway", False)
        self.start_on, self.end_on = table.get("start_on"), table.get("end_on")
        self.own_lane, self.frontage = table.get("own_lane", False), table.get("frontage", True)
        self.type, self.priority = classes[cls]["type"], classes[cls]["priority"]
        self.lanes = table.get("lanes", classes[cls]["lanes"])
        self.speed_mps = table.get("speed_kmh", classes[cls]["speed_kmh"]) / 3.6
        self.line, self.pinned, self.street = [], {}, False

    def copy(self, suffix, line):
        other = object.__new__(Road)
        other.__dict__.update(self.__dict__)
        other.id, other.line, other.pinned, other.oneway = f"{self.id}_{suffix}", line, {}, True
        return other


def read_nodes(path):
    with open(path, encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f))
    nodes = {}
    for r in rows:
        if r["kind"] not in ("signal", "roundabout", "gate", "priority"):
            sys.exit(f"{path}: node '{r['node_id']}' has the unknown kind '{r['kind']}'")
        nodes[r["node_id"]] = dict(r, xy=utm.forward(float(r["lat"]), float(r["lon"])))
    return nodes


def read_roads(path, nodes):
    with open(path, "rb") as f:
        table = tomllib.load(f)
    roads = []
    for t in table["road"]:
        road = Road(t, table["class"], path)
        for token in t["path"].split():
            if "," in token:
                lat, lon = token.split(",")
                road.line.append(utm.forward(float(lat), float(lon)))
            elif token in nodes:
                road.pinned[len(road.line)] = token
                road.line.append(nodes[token]["xy"])
            else:
                sys.exit(f"{path}: road '{road.id}' names the unknown node '{token}'")
        if t.get("dual"):
            ahead, back = letters(road.line)
            roads.append(road.copy(ahead, geo.offset(road.line, t["dual"] / 2)))
            roads.append(road.copy(back, geo.offset(road.line[::-1], t["dual"] / 2)))
        else:
            roads.append(road)
    seen = collections.Counter(r.id for r in roads)
    twice = [i for i, n in seen.items() if n > 1]
    if twice:
        sys.exit(f"{path}: road '{twice[0]}' stands there twice")
    return roads, table["class"]


def letters(line):
    """Compass letters of a line's own direction and of the opposite one."""
    dx, dy = line[-1][0] - line[0][0], line[-1][1] - line[0][1]
    if abs(dx) >= abs(dy):
        return ("e", "w") if dx > 0 else ("w", "e")
    return ("n", "s") if dy > 0 else ("s", "n")


def read_streets(path, classes):
    """Rows of local streets, as roads without ends fixed yet."""
    with open(path, "rb") as f:
        table = tomllib.load(f)
    streets = []
    for t in table["streets"]:
        cx, cy = utm.forward(*t["centre"])
        a = math.radians(90 - t["bearing"])  # along: the bearing's compass direction
        ux, uy = math.cos(a), math.sin(a)
        columns, rows = t["size"]
        du, dv = t["spacing"]
        count = 0
        for along, n, m, s_own, s_other in ((True, columns, rows, du, dv), (False, rows, columns, dv, du)):
            for k in range(n):
                c = (k - (n - 1) / 2) * s_own
                half = (m - 1) / 2 * s_other + 0.35 * s_other
                if along:
                    ends = [(cx + uy * c + ux * h, cy - ux * c + uy * h) for h in (-half, half)]
                else:
                    ends = [(cx + ux * c + uy * h, cy + uy * c - ux * h) for h in (-half, half)]
                count += 1
                names = t.get("names", [])
                name = names[count - 1] if count <= len(names) else f"Rua {count} ({t['place']})"
                road = Road({"id": f"{t['id']}{count}", "name": name, "class": "local", "path": ""}, classes, path)
                road.line, road.street = ends, True
                streets.append(road)
    return streets


def snap_to_nodes(roads, nodes):
    """Named nodes draw the roads of level 0 that pass near."""
    for road in roads:
        if road.level != 0:
            continue
        for name, node in sorted(nodes.items()):
            if node["kind"] == "gate" or name in road.pinned.values():
                continue
            d, i, t, _ = geo.nearest_on(node["xy"], road.line)
            if d > SNAP_M:
                continue
            at = i if t < 0.5 else i + 1
            if math.dist(road.line[at], node["xy"]) <= SNAP_M + 6 and at not in road.pinned:
                road.line[at] = node["xy"]
            else:
                at = i + 1
                road.line.insert(at, node["xy"])
                road.pinned = {k + (k >= at): v for k, v in road.pinned.items()}
            road.pinned[at] = name


def lead_ends(roads):
    """Ends that stop short of a road are led to it; ends of ramps to the carriageway they name."""
    by_id = {r.id: r for r in roads}
    for road in roads:
        for end, on in ((0, road.start_on), (-1, road.end_on)):
            at = 0 if end == 0 else len(road.line) - 1
            if on:
                if on not in by_id:
                    sys.exit(f"roads.toml: ramp '{road.id}' names the unknown carriageway '{on}'")
                target = by_id[on]
                d, i, _, foot = geo.nearest_on(road.line[end], target.line)
                if d > 120:
                    sys.exit(f"roads.toml: ramp '{road.id}' ends {d:.0f} m from '{on}'")
                near_end = [p for p in (target.line[0], target.line[-1]) if math.dist(p, foot) < 40]
                road.line[end] = near_end[0] if near_end else foot
                insert(target, i + 1, road.line[end])
            elif road.level == 0 and road.cls != "rail" and at not in road.pinned and not road.street:
                best = (math.inf, None, 0, None)
                for other in roads:
                    if other is not road and other.level == 0 and not other.street:
                        d, i, t, foot = geo.nearest_on(road.line[end], other.line)
                        if d < best[0]:
                            best = (d, other, i, foot)
                d, other, i, foot = best
                if d <= REACH_M:
                    near = [k for k in (i, i + 1) if math.dist(other.line[k], foot) < 25]
                    if near:
                        road.line[end] = other.line[near[0]]
                    else:
                        road.line[end] = foot
                        insert(other, i + 1, foot)
                else:
                    sys.exit(f"roads.toml: road '{road.id}' ends {d:.0f} m from any other; lead it on or end it at a gate")


def insert(road, at, point):
    if min(math.dist(point, p) for p in road.line) < 0.5:
        return
    road.line.insert(at, point)
    road.pinned = {k + (k >= at): v for k, v in road.pinned.items()}


def trim_streets(streets, roads, outline):
    """Cuts streets at barriers and at the sea, and leads their ends to the roads around."""
    barriers = [r for r in roads if r.level > 0 or not r.frontage]
    surface = [r for r in roads if r.level == 0 and r.frontage]
    kept = []
    for s in streets:
        a, b = s.line
        length = math.dist(a, b)
        unit = ((b[0] - a[0]) / length, (b[1] - a[1]) / length)
        at = lambda h: (a[0] + unit[0] * h, a[1] + unit[1] * h)
        blocked = lambda lo, hi: any(geo.crossing(at(lo), at(hi), p, q) for r in barriers for p, q in zip(r.line, r.line[1:]))
        pieces = [h for h in range(0, int(length) + 1, 20) if any(geo.inside(at(h), ring) for ring in outline)
                  and not blocked(h - 25, h + 25)]
        runs, run = [], []
        for h in pieces:
            if run and h - run[-1] > 20:
                runs.append(run)
                run = []
            run.append(h)
        runs.append(run)
        for k, run in enumerate(r for r in runs if len(r) > 3):
            lo, hi = run[0], run[-1]
            for sign in (-1, 1):
                end = lo if sign < 0 else hi
                reach = at(end + sign * STREET_REACH_M)
                hits = [geo.crossing(at(end), reach, p, q) for r in surface for p, q in zip(r.line, r.line[1:])]
                hits = sorted(h[0] for h in hits if h)
                if hits and not blocked(end, end + sign * hits[0] * STREET_REACH_M):
                    end += sign * (hits[0] * STREET_REACH_M + 0.5)
                lo, hi = (end, hi) if sign < 0 else (lo, end)
            piece = object.__new__(Road)
            piece.__dict__.update(s.__dict__)
            piece.id, piece.line, piece.pinned = s.id + ("bcdefg"[k - 1] if k else ""), [at(lo), at(hi)], {}
            kept.append(piece)
    return kept


class Graph:
    """nodes: key -> xy; blocks: (road, index, from, to, shape) with the shape's inner points."""

    def __init__(self, roads, named):
        self.roads = [r for r in roads if r.cls != "rail"]
        self.named = named
        self.xy, self.arms = {}, collections.defaultdict(list)
        self.blocks = self._cut(self._places())

    def _places(self):
        """For each road the (distance along, point) of its junctions: crossings, touches, ends, named nodes."""
        index, segments = geo.grid_index(), []
        for r, road in enumerate(self.roads):
            for i, (p, q) in enumerate(zip(road.line, road.line[1:])):
                index.add(p, q, len(segments))
                segments.append((r, i, p, q))
        starts = []
        for road in self.roads:
            sums = [0.0]
            for p, q in zip(road.line, road.line[1:]):
                sums.append(sums[-1] + math.dist(p, q))
            starts.append(sums)
        places = [[] for _ in self.roads]
        for n, (r, i, p, q) in enumerate(segments):
            for m in index.near(p, q, 1.0):
                s, j, c, d = segments[m]
                if m <= n or s == r:
                    continue
                one, two = self.roads[r], self.roads[s]
                if one.level == two.level and one.level == 0:
                    hit = geo.crossing(p, q, c, d)
                    if hit:
                        point = (p[0] + hit[0] * (q[0] - p[0]), p[1] + hit[0] * (q[1] - p[1]))
                        places[r].append((starts[r][i] + hit[0] * math.dist(p, q), point))
                        places[s].append((starts[s][j] + hit[1] * math.dist(c, d), point))
        # Vertices that two roads share (ramps on carriageways, ends led to a road) are junctions at any level.
        shared = collections.defaultdict(set)
        for r, road in enumerate(self.roads):
            for k, p in enumerate(road.line):
                shared[round(p[0], 1), round(p[1], 1)].add((r, k))
        for uses in shared.values():
            if len({r for r, _ in uses}) > 1:
                for r, k in uses:
                    places[r].append((starts[r][k], self.roads[r].line[k]))
        for r, road in enumerate(self.roads):
            places[r] += [(0.0, road.line[0]), (starts[r][-1], road.line[-1])]
            places[r] += [(starts[r][k], road.line[k]) for k in road.pinned]
        return places

    def _cut(self, places):
        keys = self._cluster(places)
        blocks = []
        for r, road in enumerate(self.roads):
            stations = []
            for along, point in sorted(places[r]):
                key = keys[r, round(along, 3)]
                if stations and stations[-1][1] == key:
                    continue
                stations.append((along, key))
            count = 0
            for (begin, a), (end, b) in zip(stations, stations[1:]):
                count += 1
                shape = [p for p in geo.cut(road.line, begin, end)[1:-1]
                         if math.dist(p, self.xy[a]) > 12 and math.dist(p, self.xy[b]) > 12]
                blocks.append((road, count, a, b, shape))
        return blocks

    def _cluster(self, places):
        """Joins junctions nearer than MERGE_M to one; named nodes and main roads keep their place."""
        points = []  # (weight, level, point, uses, name)
        spots = {}
        for r, road in enumerate(self.roads):
            pins = {(round(road.line[k][0], 1), round(road.line[k][1], 1)): n for k, n in road.pinned.items()}
            for along, point in places[r]:
                k = (round(point[0], 1), round(point[1], 1))
                spot = spots.setdefault(k, [0, point, [], None, set()])
                spot[0] = max(spot[0], road.priority)
                spot[2].append((r, round(along, 3)))
                spot[3] = spot[3] or pins.get(k)
                spot[4].add(road.level)
        order = sorted(spots.values(), key=lambda s: (s[3] is None, -s[0], s[1]))
        index = collections.defaultdict(list)
        keys = {}
        for weight, point, uses, name, levels in order:
            cell = (int(point[0] // MERGE_M), int(point[1] // MERGE_M))
            found = None
            if name is None:
                near = [c for i in (-1, 0, 1) for j in (-1, 0, 1) for c in index[cell[0] + i, cell[1] + j]]
                near = [(math.dist(point, self.xy[c]), c) for c, lv in near
                        if lv & levels and math.dist(point, self.xy[c]) < (MERGE_M if max(levels) == 0 else 1.0)]
                found = min(near)[1] if near else None
            if found is None:
                found = name or self._new_name(uses)
                self.xy[found] = self.named[name]["xy"] if name else point
                index[cell].append((found, levels))
            for u in uses:
                keys[u] = found
        return keys

    def _new_name(self, uses):
        ids = [i for _, _, i in sorted({(self.roads[r].street, -self.roads[r].priority, self.roads[r].id) for r, _ in uses})]
        base = ".".join(ids[:2]) if len(ids) > 1 else f"{ids[0]}.end"
        name, k = base, 1
        while name in self.xy:
            k += 1
            name = f"{base}.{k}"
        return name

    def degree(self):
        arms = collections.defaultdict(set)
        for b in self.blocks:
            arms[b[2]].add(b[3])
            arms[b[3]].add(b[2])
        return arms

    def prune(self, keep):
        """Drops dead ends of streets, doubles between the same nodes, and streets that leave a node nearly along another."""
        while True:
            best = {}
            for b in self.blocks:
                pair = tuple(sorted((b[2], b[3])))
                other = best.get(pair)
                if b[2] != b[3] and (other is None or b[0].oneway or other[0].oneway and not b[0].street
                                     or (b[0].street, -b[0].priority) < (other[0].street, -other[0].priority)):
                    best[pair] = b if not (other and other[0].oneway) else other
            chosen = {id(b) for b in best.values()}
            kept = [b for b in self.blocks if b[2] != b[3] and (id(b) in chosen or b[0].oneway)]
            arms = collections.Counter()
            for b in kept:
                arms[b[2]] += 1
                arms[b[3]] += 1
            kept = [b for b in kept if not (b[0].street and (arms[b[2]] == 1 or arms[b[3]] == 1))]
            sharp = self._sharp(kept)
            kept = [b for b in kept if id(b) not in sharp]
            done = len(kept) == len(self.blocks)
            self.blocks = kept
            if done:
                break
        used = {n for b in self.blocks for n in (b[2], b[3])}
        self.xy = {k: v for k, v in self.xy.items() if k in used or k in keep}

    def clear_junctions(self):
        """Local streets do not open onto a road in the mouth of a roundabout or just before a signal: their blocks there go."""
        clear = {n: CLEAR_M.get(node["kind"], 0) for n, node in self.named.items()}
        at = collections.defaultdict(list)
        for b in self.blocks:
            at[b[2]].append(b)
            at[b[3]].append(b)
        drop = set()
        for b in self.blocks:
            for named, m in ((b[2], b[3]), (b[3], b[2])):
                far = geo.length([self.xy[b[2]], *b[4], self.xy[b[3]]])
                roads = {o[0].id for o in at[m] if not o[0].street}
                if not b[0].street and m not in self.named and far < clear.get(named, 0) and roads == {b[0].id}:
                    drop |= {id(o) for o in at[m] if o[0].street}
        self.blocks = [b for b in self.blocks if id(b) not in drop]

    def _sharp(self, blocks):
        """One street for each pair that leaves a node less than 24 degrees apart."""
        at = collections.defaultdict(list)
        for b in blocks:
            at[b[2]].append((geo.bearing(self.xy[b[2]], (b[4] or [self.xy[b[3]]])[0]), b))
            at[b[3]].append((geo.bearing(self.xy[b[3]], (b[4] or [self.xy[b[2]]])[-1]), b))
        drop = set()
        for arms in at.values():
            arms.sort(key=lambda a: (a[0], a[1][0].id, a[1][1]))
            for (d1, one), (d2, two) in zip(arms, arms[1:] + [(arms[0][0] + 360, arms[0][1])]):
                if d2 - d1 < 24 and one is not two and (one[0].street or two[0].street) and not {id(one), id(two)} & drop:
                    worse = max((one, two), key=lambda b: (b[0].street, -b[0].priority, b[0].id, b[1]))
                    drop.add(id(worse))
        return drop

    def keep_connected(self):
        """Drops blocks of streets that no car can reach from the rest, or leave again."""
        ahead, back = collections.defaultdict(set), collections.defaultdict(set)
        for road, _, a, b, _ in self.blocks:
            for one, two in ((a, b),) if road.oneway else ((a, b), (b, a)):
                ahead[one].add(two)
                back[two].add(one)
        start = max(self.xy, key=lambda n: (len(ahead[n]), n))
        reached = [net.reach(start, ahead), net.reach(start, back)]
        for road, count, a, b, _ in self.blocks:
            if not (a in reached[0] or a in reached[1]) and not road.street:
                sys.exit(f"roads.toml: block {count} of road '{road.id}' has no link to the rest of the network")
        self.blocks = [b for b in self.blocks if not b[0].street or b[2] in reached[0] & reached[1]]
        used = {n for b in self.blocks for n in (b[2], b[3])}
        self.xy = {k: v for k, v in self.xy.items() if k in used}

    def smooth(self):
        """Joins two blocks of one street where nothing else meets any more."""
        while True:
            at = collections.defaultdict(list)
            for b in self.blocks:
                at[b[2]].append(b)
                at[b[3]].append(b)
            joined = False
            for n in sorted(at):
                two = at[n]
                if len(two) != 2 or n in self.named or two[0][0] is not two[1][0] or two[0][0].level > 0:
                    continue
                first, second = sorted(two, key=lambda b: b[1])
                if first[3] != n or second[2] != n or first[2] == second[3]:
                    continue
                merged = (first[0], first[1], first[2], second[3], [*first[4], self.xy[n], *second[4]])
                self.blocks = [b for b in self.blocks if b is not first and b is not second] + [merged]
                del self.xy[n]
                joined = True
                break
            if not joined:
                break
        count = collections.Counter()
        out = []
        for b in sorted(self.blocks, key=lambda b: (b[0].id, b[1])):
            count[b[0].id] += 1
            out.append((b[0], count[b[0].id], *b[2:]))
        self.blocks = out
