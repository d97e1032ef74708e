"""Signal timing: greens after the flows of the peaks, cycles and offsets of signals that work together.

Greens equalise the degree of saturation x = flow / (saturation flow * green / cycle) over a signal's phases, which is
Webster's rule (Road Research Technical Paper 39, 1958, section 4); the cycle is the shortest that keeps x under TARGET in
both peaks. Turns that give way go in the gaps of those they wait for (Highway Capacity Manual, 6th edition, chapter 31, permitted
left turns: critical gap 4.5 s, follow-up 2.5 s); lanes that begin a short way before the signal are worth as many vehicles a
green as stand on them. Signals of one row in signal_groups.csv share the longest of their cycles, and each one's offset lets
those who come from the one before it, in both directions, wait the least. Flows are those of sources/turn_flows.csv (veh/h).
"""
import collections
import csv
import math
import re
import xml.etree.ElementTree as ElementTree

SATURATION = 1700.0   # veh/h of green and lane
SNEAKERS = 0.06       # least share of it that a turn that gives way gets: those who go when the signal changes
GAP_S, FOLLOW_S, OPPOSING_GREEN = 4.5, 2.5, 0.5
QUEUE_M, CYCLE_LOAD = 7.0, 14.0  # a vehicle that stands takes up; vehicles a lane sends in a usual green
TARGET = 0.80
CYCLES = range(60, 121, 5)
LEAST_GREEN_S, LEFT_GREEN_S, ALL_RED_S = 7, 5, 2
STRETCH = 1.6         # longest green of an actuated signal as a multiple of the computed one
LEAST_FLOW = 15.0     # veh/h: where the assignment shows nobody, somebody will come
NOBODY = (0.0, 0.0)


class Signal:
    def __init__(self, logic, links, waits, worth):
        """waits: link -> links it gives way to; worth: approach with lanes that begin near -> how many full lanes they all are worth."""
        self.id, self.links = logic.get("id"), links            # link index -> (from, lane, to)
        self.waits, self.worth = waits, worth
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


def read_signals(root):
    """{id: Signal} of a network."""
    links, lanes, feeding = collections.defaultdict(dict), {}, collections.defaultdict(int)
    ends = {}
    for e in root.findall("edge"):
        if e.get("function", "normal") == "normal":
            lanes[e.get("id")], ends[e.get("id")] = e.findall("lane"), (e.get("from"), e.get("to"))
    for c in root.findall("connection"):
        if c.get("from") in lanes and c.get("to") in lanes and ends[c.get("to")][0].endswith(".cut"):
            feeding[c.get("to")] = len(lanes[c.get("from")])
        if c.get("tl"):
            links[c.get("tl")][int(c.get("linkIndex"))] = (c.get("from"), int(c.get("fromLane")), c.get("to"))
    worth = {}
    for e, full in feeding.items():
        held = min(1.0, float(lanes[e][0].get("length")) / QUEUE_M / CYCLE_LOAD)
        if len(lanes[e]) > full:
            worth[e] = full + (len(lanes[e]) - full) * held
    rules = {j.get("id"): {int(r.get("index")): r.get("response")[::-1] for r in j.findall("request")}
             for j in root.findall("junction") if j.get("type") != "internal"}
    out = {}
    for logic in root.findall("tlLogic"):
        id_ = logic.get("id")
        waits = {k: [j for j, bit in enumerate(rules.get(id_, {}).get(k, "")) if bit == "1"] for k in links[id_]}
        out[id_] = Signal(logic, links[id_], waits, worth)
    return out


def lane_flows(signal, flows, peak):
    """{link: veh/h}: a turn's flow is shared by its lanes evenly."""
    lanes = collections.Counter((f, t) for f, _, t in signal.links.values())
    return {k: max(LEAST_FLOW, flows.get((f, t), NOBODY)[peak]) / lanes[f, t]
            for k, (f, _, t) in signal.links.items()}


def served(signal, link, phase, flow):
    """The share of the saturation flow that a link gets in a phase."""
    state = signal.states[phase][link]
    if state not in "gs":
        return 1.0 if state == "G" else 0.0
    opposing = sum(flow[j] for j in signal.waits[link] if j in flow and signal.states[phase][j] == "G") / OPPOSING_GREEN
    if opposing < 1:
        return 1.0
    gaps = opposing * math.exp(-opposing * GAP_S / 3600) / (1 - math.exp(-opposing * FOLLOW_S / 3600))
    return min(1.0, max(SNEAKERS, gaps / SATURATION))


def queues(signal):
    """[(approach, links that share a lane, 1)], and for approaches whose lanes begin near all their links, with the lanes' worth."""
    by_lane, by_edge = collections.defaultdict(list), collections.defaultdict(list)
    for k, (f, lane, _) in signal.links.items():
        by_lane[f, lane].append(k)
        if f in signal.worth:
            by_edge[f].append(k)
    return [(f, links, 1.0) for (f, _), links in by_lane.items()] + [(f, links, signal.worth[f]) for f, links in by_edge.items()]


def demands(signal, flows, peaks):
    """[(weight of each green phase, veh/h and lane, approach)] for what shares a lane, in each peak."""
    greens, out = signal.greens(), []
    for peak in range(peaks):
        flow = lane_flows(signal, flows, peak)
        for approach, links, lanes in queues(signal):
            total = sum(flow[k] for k in links)
            out.append(([sum(flow[k] * served(signal, k, p, flow) for k in links) / total for p in greens], total / lanes, approach))
    return out


def fullness(demand, seconds, cycle):
    """Degree of saturation of one of demands()."""
    weights, flow, _ = demand
    return flow * cycle / (SATURATION * max(0.5, sum(w * s for w, s in zip(weights, seconds))))


def split(signal, wanted, cycle):
    """(greens in s, worst degree of saturation): second after second to the phase that helps the worst of demands() most."""
    greens = signal.greens()
    least = [LEFT_GREEN_S if i and "G" in signal.states[p] and signal.states[p].count("G") <= 4 else LEAST_GREEN_S
             for i, p in enumerate(greens)]
    seconds = list(least)
    spare = cycle - sum(seconds) - sum(signal.fixed_s().values())
    if spare < 0:
        return None, float("inf")
    for _ in range(int(spare)):
        worst = max(wanted, key=lambda d: fullness(d, seconds, cycle))
        best = max(range(len(greens)), key=lambda i: (worst[0][i], -i))
        seconds[best] += 1
    return seconds, max(fullness(d, seconds, cycle) for d in wanted)


def saturation(signal, flows, cycle):
    """{approach: degree of saturation of its fullest lane}, the cycle split for these flows of one peak."""
    wanted, out = demands(signal, flows, peaks=1), collections.defaultdict(float)
    seconds, _ = split(signal, wanted, cycle)
    for d in wanted if seconds else ():
        out[d[2]] = max(out[d[2]], fullness(d, seconds, cycle))
    return out


def choose_cycle(signal, flows):
    wanted = demands(signal, flows, peaks=2)
    for cycle in CYCLES:
        seconds, x = split(signal, wanted, cycle)
        if seconds and x <= TARGET:
            return cycle
    return CYCLES[-1] if split(signal, wanted, CYCLES[-1])[0] else None


def set_times(signal, flows, cycle):
    seconds, x = split(signal, demands(signal, flows, peaks=2), cycle)
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
        best, queue = None, [(0.0, e, (e,)) for e in after[a]]
        seen = {}
        while queue:
            queue.sort(key=lambda x: (x[0], x[1][2]))
            time, e, way = queue.pop(0)
            time += e[3]
            if e[1] == b:
                best = ([w[2] for w in way], time)
                break
            if seen.get(e[1], 1e9) <= time or len(way) > 25 or e[1] in signals:
                continue
            seen[e[1]] = time
            queue += [(time, n, way + (n,)) for n in after[e[1]]]
        if best:
            out[a, b] = best
    return out


def retime(text, flows_csv, groups_csv):
    """The network's text with fitted programs, and the worst degree of saturation by signal."""
    root = ElementTree.fromstring(text)
    signals = read_signals(root)
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
