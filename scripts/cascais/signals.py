"""Signal timing: greens after the flows of the peaks, cycles and offsets of signals that work together.

Greens equalise the degree of saturation x = flow / (saturation flow * green / cycle) over a signal's phases, which is
Webster's rule (Road Research Technical Paper 39, 1958, section 4); the cycle is the shortest that keeps x under TARGET in
both peaks. Signals of one row in signal_groups.csv share the longest of their cycles, and each one's offset lets those who
come from the one before it, in both directions, wait the least. Flows are those of sources/turn_flows.csv (veh/h by turn).
"""
import collections
import csv
import re
import xml.etree.ElementTree as ElementTree

SATURATION = 1700.0   # veh/h of green and lane
PERMITTED = 0.35      # what a turn that gives way gets of that
TARGET = 0.80
CYCLES = range(60, 121, 5)
LEAST_GREEN_S, LEFT_GREEN_S, ALL_RED_S = 7, 5, 2
STRETCH = 1.6         # longest green of an actuated signal as a multiple of the computed one
LEAST_FLOW = 15.0     # veh/h: where the assignment shows nobody, somebody will come


class Signal:
    def __init__(self, logic, links):
        self.id, self.links = logic.get("id"), links            # link index -> (from, lane, to)
        self.states = [p.get("state") for p in logic]
        self.seconds = [float(p.get("duration")) for p in logic]
        self.offset, self.actuated = 0, True

    def greens(self):
        """Indices of the phases whose length is ours to choose."""
        return [i for i, s in enumerate(self.states) if re.search("[gG]", s) and "y" not in s]

    def fixed_s(self):
        """Clearance times; all-red phases are cut to ALL_RED_S."""
        greens, fixed = set(self.greens()), {}
        for i, s in enumerate(self.states):
            if i not in greens:
                fixed[i] = 3 if "y" in s else ALL_RED_S
        return fixed


def read_flows(path):
    flows = {}
    with open(path, encoding="utf-8", newline="") as f:
        for r in csv.DictReader(f):
            flows[r["from_edge"], r["to_edge"]] = (float(r["morning_veh_per_h"]), float(r["evening_veh_per_h"]))
    return flows


def lane_flows(signal, flows):
    """[(links of one lane that are green together, veh/h in each peak)]: a turn's flow is shared by its lanes evenly."""
    lanes = collections.Counter((f, t) for f, _, t in signal.links.values())
    return {k: tuple(max(LEAST_FLOW, v) / lanes[f, t] for v in flows.get((f, t), (0.0, 0.0)))
            for k, (f, _, t) in signal.links.items()}


def demands(signal, flows):
    """[(weight of each green phase, veh/h)] for what shares a lane, and for each turn."""
    greens, flow = signal.greens(), lane_flows(signal, flows)
    share = {"G": 1.0, "g": PERMITTED, "s": PERMITTED}
    by_lane = collections.defaultdict(list)
    for k, (f, lane, _) in signal.links.items():
        by_lane[f, lane].append(k)
    out = []
    for links in by_lane.values():
        for peak in (0, 1):
            total = sum(flow[k][peak] for k in links)
            weights = [sum(flow[k][peak] * share.get(signal.states[p][k], 0.0) for k in links) / total for p in greens]
            out.append((weights, total))
    return out


def split(signal, flows, cycle):
    """(greens in s, worst degree of saturation): second after second to the phase that helps the worst lane most."""
    greens, wanted = signal.greens(), demands(signal, flows)
    least = [LEFT_GREEN_S if i and "G" in signal.states[p] and signal.states[p].count("G") <= 4 else LEAST_GREEN_S
             for i, p in enumerate(greens)]
    seconds = list(least)
    spare = cycle - sum(seconds) - sum(signal.fixed_s().values())
    if spare < 0:
        return None, float("inf")
    x = lambda d: d[1] * cycle / (SATURATION * max(0.5, sum(w * s for w, s in zip(d[0], seconds))))
    for _ in range(int(spare)):
        worst = max(wanted, key=x)
        best = max(range(len(greens)), key=lambda i: (worst[0][i], -i))
        seconds[best] += 1
    return seconds, max(x(d) for d in wanted)


def choose_cycle(signal, flows):
    for cycle in CYCLES:
        seconds, x = split(signal, flows, cycle)
        if seconds and x <= TARGET:
            return cycle
    return CYCLES[-1] if split(signal, flows, CYCLES[-1])[0] else None


def set_times(signal, flows, cycle):
    seconds, x = split(signal, flows, cycle)
    fixed = signal.fixed_s()
    for i in fixed:
        signal.seconds[i] = fixed[i]
    for p, s in zip(signal.greens(), seconds):
        signal.seconds[p] = s
    return x


def green_of(signal, entry, ahead):
    """(begin, end) in the cycle of the green of a turn, from the first phase that shows it to the last in a row."""
    links = [k for k, (f, _, t) in signal.links.items() if f in entry and t in ahead]
    begin, at, end = None, 0.0, None
    for state, s in zip(signal.states, signal.seconds):
        if links and any(state[k] == "G" for k in links):
            begin = at if begin is None else begin
            end = at + s
        at += s
    return (begin, end) if begin is not None else None


def coordinate(row, signals, ways, flows):
    """Offsets along a row of signals. ways[a, b]: (edges of the way, drive time in s) from one to the next."""
    cycle = sum(signals[row[0]].seconds)
    for before, here in zip(row, row[1:]):
        best = None
        for offset in range(int(cycle)):
            wait = 0.0
            for a, b, sign in ((before, here, 1), (here, before, -1)):
                if (a, b) not in ways:
                    continue
                way, drive = ways[a, b]
                leaves = green_of(signals[a], {f for f, _, _ in signals[a].links.values()}, {way[0]})
                enters = green_of(signals[b], {way[-1]}, straight_exits(signals[b], way[-1], flows))
                if not leaves or not enters:
                    continue
                volume = sum(max(v) for (f, t), v in flows.items() if f == way[-1])
                oa, ob = (signals[before].offset, offset) if sign > 0 else (offset, signals[before].offset)
                for k in range(8):
                    t = oa + leaves[0] + (leaves[1] - leaves[0]) * k / 8 + drive
                    at = (t - ob) % cycle
                    wait += volume * (0 if enters[0] <= at < enters[1] else (enters[0] - at) % cycle)
            if best is None or wait < best[0]:
                best = (wait, offset)
        signals[here].offset = best[1]


def straight_exits(signal, entry, flows):
    """Where most of those who enter by an edge go on to."""
    exits = {t for f, _, t in signal.links.values() if f == entry}
    return {max(sorted(exits), key=lambda t: max(flows.get((entry, t), (0.0,))))} if exits else set()


def ways_between(row, signals, edges):
    """Chains of edges from one signal's exits to the next one's entries, straight along the road."""
    after = collections.defaultdict(list)
    for e in edges.values():
        after[e[0]].append(e)
    out = {}
    for a, b in list(zip(row, row[1:])) + list(zip(row[1:], row)):
        best, todo = None, [(0.0, e, (e,)) for e in after[a]]
        seen = {}
        while todo:
            todo.sort(key=lambda x: (x[0], x[1][2]))
            time, e, way = todo.pop(0)
            time += e[3]
            if e[1] == b:
                best = ([w[2] for w in way], time)
                break
            if seen.get(e[1], 1e9) <= time or len(way) > 25 or e[1] in signals:
                continue
            seen[e[1]] = time
            todo += [(time, n, way + (n,)) for n in after[e[1]]]
        if best:
            out[a, b] = best
    return out


def retime(text, flows_csv, groups_csv):
    """The network's text with fitted programs, and the worst degree of saturation by signal."""
    root = ElementTree.fromstring(text)
    links = collections.defaultdict(dict)
    for c in root.findall("connection"):
        if c.get("tl"):
            links[c.get("tl")][int(c.get("linkIndex"))] = (c.get("from"), int(c.get("fromLane")), c.get("to"))
    signals = {t.get("id"): Signal(t, links[t.get("id")]) for t in root.findall("tlLogic")}
    flows = read_flows(flows_csv)
    edges = {}
    for e in root.findall("edge"):
        if e.get("function", "normal") == "normal":
            lane = e.find("lane")
            edges[e.get("id")] = (e.get("from"), e.get("to"), e.get("id"),
                                  float(lane.get("length")) / (0.9 * float(lane.get("speed"))))
    with open(groups_csv, encoding="utf-8", newline="") as f:
        groups = [r["signals"].split() for r in csv.DictReader(f)]
    for row in groups:
        unknown = [s for s in row if s not in signals]
        if unknown:
            raise SystemExit(f"{groups_csv.name}: the network has no signal '{unknown[0]}'")
    worst, cycles = {}, {s: choose_cycle(signals[s], flows) for s in sorted(signals)}
    for row in groups:
        common = max(cycles[s] for s in row)
        for s in row:
            cycles[s], signals[s].actuated = common, False
    for s in sorted(signals):
        if cycles[s] is None:
            raise SystemExit(f"signal '{s}' has too many phases for a cycle of {CYCLES[-1]} s")
        worst[s] = (cycles[s], set_times(signals[s], flows, cycles[s]))
    for row in groups:
        coordinate(row, signals, ways_between(row, signals, edges), flows)
    return rewrite(text, signals), worst


def rewrite(text, signals):
    """Puts durations and offsets into the text, which otherwise stays byte for byte what netconvert wrote.

    Signals that stand alone are actuated: a green lasts while vehicles keep coming, between LEAST_GREEN_S and STRETCH of its length."""
    def phase(signal, p, duration):
        limits = f' minDur="{min(LEAST_GREEN_S, duration):.0f}" maxDur="{STRETCH * duration:.0f}"'
        return f'<phase duration="{duration:.0f}"' + (limits if signal.actuated and p in signal.greens() else "")

    def program(m):
        s = signals[m.group(1)]
        body = m.group(0).replace(re.search(r'offset="[^"]*"', m.group(0)).group(0), f'offset="{s.offset}"', 1)
        if s.actuated:
            body = body.replace('type="static"', 'type="actuated"', 1)
        numbered = iter(enumerate(s.seconds))
        return re.sub(r'<phase duration="[^"]*"', lambda _: phase(s, *next(numbered)), body)
    return re.sub(r'<tlLogic id="([^"]*)".*?</tlLogic>', program, text, flags=re.S)
