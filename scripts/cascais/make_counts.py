#!/usr/bin/python3
"""Makes the synthetic counts of Cascais: 60 stations, 15 minutes, 14 days, from a hidden true demand.

usage: scripts/cascais/make_counts.py [--places] [--keep FOLDER]     writes data/cascais/counts.csv.gz and detectors.csv
  --places        choose the stations' places anew; otherwise they stay where detectors.csv has them, as loops do
  --keep FOLDER   keep the hidden truth there (never inside data/)

The truth differs from the prior (od.csv, profiles.csv) in total (x 1.11), in structure (a log-normal factor by pair of
localities, by purpose and by place) and in profile (the morning starts earlier and is flatter). It is assigned hour by hour
for a weekday and a weekend day (static_assignment.py), with drivers' tastes drawn from another seed than the prior's; loops
see everybody ten minutes after leaving, once, so that hours join. Detectors then see it through day-to-day variation (common and
local), 5 % counting noise, and faults: dead loops, loops stuck at a value, gaps. The seed below fixes all of it; the truth
itself stays out of data/.

detectors.csv: one row a loop (a lane); the loops of one edge form a station.
counts.csv.gz: station,begin (local time, ISO 8601),period_s,count,speed_kmh,occupancy_pct; counts are sums over the
station's lanes; an empty field is a gap.
"""
import argparse
import collections
import csv
import datetime
import gzip
import io
import math
import pathlib
import random
import sys

import net as nets
import static_assignment

SEED = 20241104
ROOT = pathlib.Path(__file__).resolve().parents[2]
CITY = ROOT / "data" / "cascais"
LOOP_AND_CAR_M = 6.3  # what a car needs to clear a loop of 2 m
DETECTORS, SLOTS, FIRST_DAY, DAYS = 60, 96, datetime.date(2024, 11, 4), 14
TOTAL_FACTOR, PAIR_SD, ZONE_SD = 1.11, 0.30, 0.18
# Of those who live in the Lisbon area 85.1 % travel on a working day and 80.4 % on the mean of all days (INE, Inquerito a
# Mobilidade 2017), so (7 * 80.4 - 5 * 85.1) / 2 = 68.7 % on a day of the weekend. The shares by purpose are assumptions; leisure
# (shopping and family too) makes up the rest of the level, and as many come home as left.
WEEKEND_LEVEL = (7 * 80.4 - 5 * 85.1) / 2 / 85.1
WEEKEND = {"work": 0.22, "school": 0.03, "business": 0.3, "through": 0.75, "freight": 0.3}
FROM_HOME = ("work", "school", "business", "leisure")


def read(path):
    with open(path, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def true_rows(rng):
    """OD rows of the truth: (from, to, purpose, vtype, trips)."""
    pair, origin, target, why = {}, {}, {}, {}
    draw = lambda table, key, sd: table.setdefault(key, math.exp(rng.gauss(0, sd) - sd * sd / 2))
    rows = []
    for r in read(CITY / "od.csv"):
        a, b, p = r["from_zone"], r["to_zone"], r["purpose"]
        f = (TOTAL_FACTOR * draw(pair, (a, b), PAIR_SD) * draw(origin, a, ZONE_SD) * draw(target, b, ZONE_SD)
             * draw(why, p, 0.06))
        rows.append((a, b, p, r["vtype"], float(r["trips_per_day"]) * f))
    return rows


def weekend_factors(rows):
    """{purpose: trips of a weekend day by those of a weekday}."""
    trips = collections.Counter()
    for _, _, purpose, _, n in rows:
        trips[purpose] += n
    leaving = WEEKEND_LEVEL * sum(trips[p] for p in FROM_HOME)
    others = sum(WEEKEND[p] * trips[p] for p in FROM_HOME if p != "leisure")
    return WEEKEND | {"leisure": (leaving - others) / trips["leisure"], "home": WEEKEND_LEVEL}


def true_profiles():
    """The prior's profiles, the mornings 12 minutes earlier and smoothed by a three-slot mean."""
    prior = collections.defaultdict(lambda: [0.0] * SLOTS)
    for r in read(CITY / "profiles.csv"):
        prior[r["purpose"]][int(float(r["begin_s"]) // 900)] = float(r["share"])
    out = {}
    for p, s in prior.items():
        early = [0.2 * s[i] + 0.8 * s[(i + 1) % SLOTS] if i < 48 else s[i] for i in range(SLOTS)]
        flat = [(early[i - 1] + 2 * early[i] + early[(i + 1) % SLOTS]) / 4 for i in range(SLOTS)]
        out[p] = [v / sum(flat) for v in flat]
    return out


def assigned(rows, profiles, factor_of):
    """{edge: {slot: (vehicles, speed m/s, occupancy %)}} of a day of the truth."""
    hours = [collections.defaultdict(collections.Counter) for _ in range(24)]
    departures = [0.0] * SLOTS
    for a, b, purpose, _, per_day in rows:
        n = per_day * factor_of(purpose)
        for slot, share in enumerate(profiles[purpose]):
            departures[slot] += n * share
        for hour in range(24):
            hours[hour][a][b] += n * sum(profiles[purpose][4 * hour:4 * hour + 4])
    graph, volumes = static_assignment.volumes(CITY, trips=hours)
    leaving = [sum(departures[4 * hour:4 * hour + 4]) for hour in range(24)]
    values = collections.defaultdict(dict)
    for slot in range(SLOTS):
        volume, turns, _ = volumes[slot // 4]
        # Who passes left ten minutes before: two thirds in the slot before, and by the ways of that one's hour.
        seen = [(departures[s] * part / leaving[s // 4 % 24], volumes[s // 4 % 24][0])
                for s, part in ((slot, 1 / 3), (slot - 1, 2 / 3))]
        for i, (e, time, free) in enumerate(zip(graph.ids, graph.times(volume, turns), graph.free)):
            n = sum(share * of_hour[i] for share, of_hour in seen)
            speed = graph.length[i] / max(free, min(time, 3 * free))
            values[e][slot] = (n, speed, min(100.0, 100 * n / 900 / graph.lanes[i] * LOOP_AND_CAR_M / speed))
    return values


def choose_places(net, weekday):
    """60 edges: the busiest stretch of each direction of each main road first, spread 400 m apart."""
    flow = {e: sum(v[0] for v in slots.values()) for e, slots in weekday.items() if e in net.edges}
    middle = {e: net.edges[e].shape[len(net.edges[e].shape) // 2] for e in flow}
    chosen, per_road = [], collections.Counter()
    for e in sorted(flow, key=lambda k: (-flow[k], k)):
        edge = net.edges[e]
        if edge.length < 60 or flow[e] < 1500 or per_road[edge.name] >= 9:
            continue
        if any(math.dist(middle[e], middle[c]) < 400 and net.edges[c].name == edge.name and
               math.dist(net.edges[c].shape[0], edge.shape[0]) < 400 for c in chosen):
            continue
        chosen.append(e)
        per_road[edge.name] += 1
        if len(chosen) == DETECTORS:
            return chosen
    sys.exit(f"only {len(chosen)} places for detectors carry enough traffic")


def present_places(rows, net):
    """The edges of detectors.csv, in its order. Asked before the assignment, which takes minutes."""
    places = list(dict.fromkeys(r["edge"] for r in rows))
    gone = [e for e in places if e not in net.edges]
    if gone:
        sys.exit(f"detectors.csv: the network has no edges {', '.join(gone)} (--places chooses anew)")
    if len(places) != DETECTORS:
        sys.exit(f"detectors.csv: {len(places)} places, {DETECTORS} are needed (--places chooses anew)")
    return places


def refuse_silent(places, weekday):
    silent = [e for e in places if not any(v[0] > 0 for v in weekday.get(e, {}).values())]
    if silent:
        sys.exit(f"detectors.csv: nobody drives on {', '.join(silent)} (--places chooses anew)")


def faults(rng):
    """Which detectors fail, how and when: {index: (kind, first day, last day)}."""
    broken = rng.sample(range(DETECTORS), 7)
    return {broken[0]: ("dead", 0, DAYS), broken[1]: ("dead", 5, 9), broken[2]: ("dead", 10, DAYS),
            broken[3]: ("stuck", 2, 6), broken[4]: ("stuck", 8, 10), broken[5]: ("half", 0, DAYS), broken[6]: ("gaps", 0, DAYS)}


def count_rows(places, truth, rng):
    broken = faults(rng)
    bias = [math.exp(rng.gauss(0, 0.02)) for _ in places]
    for day in range(DAYS):
        date = FIRST_DAY + datetime.timedelta(days=day)
        kind = "weekend" if date.weekday() >= 5 else "weekday"
        common = math.exp(rng.gauss(0, 0.04))
        drift = [0.0] * len(places)
        for slot in range(SLOTS):
            begin = datetime.datetime.combine(date, datetime.time()) + datetime.timedelta(minutes=15 * slot)
            for i, e in enumerate(places):
                drift[i] = 0.9 * drift[i] + rng.gauss(0, 0.02)
                vehicles, speed, occupancy = truth[kind].get(e, {}).get(slot, (0.0, 0.0, 0.0))
                mean = vehicles * common * bias[i] * math.exp(drift[i])
                n = max(0, round(mean * (1 + rng.gauss(0, 0.05)) + rng.gauss(0, 0.5)))
                fault, first, last = broken.get(i, ("", 0, 0))
                if fault and not first <= day < last:
                    fault = ""
                if fault == "half":
                    n = round(n * 0.5)
                if fault == "stuck":
                    n = 37
                if fault == "dead":
                    yield i, begin, 0, "", 0.0
                elif fault == "gaps" and rng.random() < 0.3 or rng.random() < 0.002:
                    yield i, begin, "", "", ""
                else:
                    v = f"{speed * 3.6 * (1 + rng.gauss(0, 0.03)):.1f}" if n and speed else ""
                    yield i, begin, n, v, round(occupancy * common, 2)


def write_outputs(net, places, truth, rng):
    with open(CITY / "detectors.csv", "w", encoding="utf-8", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(["id", "station", "edge", "lane", "pos_m", "road_name"])
        for i, e in enumerate(places):
            for lane in range(net.edges[e].lanes):
                out.writerow([f"d{i + 1:02d}_{lane}", f"d{i + 1:02d}", e, lane, f"{net.edges[e].length / 2:.1f}",
                              net.edges[e].name])
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(["station", "begin", "period_s", "count", "speed_kmh", "occupancy_pct"])
    for i, begin, n, v, o in count_rows(places, truth, rng):
        out.writerow([f"d{i + 1:02d}", begin.isoformat(timespec="minutes"), 900, n, v, o])
    with open(CITY / "counts.csv.gz", "wb") as f, gzip.GzipFile(fileobj=f, mode="wb", mtime=0, filename="") as z:
        z.write(text.getvalue().encode())


def make(folder, anew):
    net = nets.Net(CITY / "cascais.net.xml.gz")
    places = None if anew else present_places(read(CITY / "detectors.csv"), net)
    rng = random.Random(SEED)
    rows, profiles = true_rows(rng), true_profiles()
    static_assignment.SEED = SEED
    truth = {}
    weekend = weekend_factors(rows)
    for name, factor_of in (("weekday", lambda p: 1.0), ("weekend", weekend.__getitem__)):
        truth[name] = assigned(rows, profiles, factor_of)
        print(f"{name}: {sum(r[4] * factor_of(r[2]) for r in rows):,.0f} true trips assigned", flush=True)
    if folder:
        with open(folder / "true_od.csv", "w", encoding="utf-8", newline="") as f:
            csv.writer(f, lineterminator="\n").writerows(rows)
    if anew:
        places = choose_places(net, truth["weekday"])
    else:
        refuse_silent(places, truth["weekday"])
    write_outputs(net, places, truth, rng)
    print(f"counts: {len(places)} detectors, {DAYS} days of 15 minutes")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--places", action="store_true")
    parser.add_argument("--keep", type=pathlib.Path)
    args = parser.parse_args()
    if args.keep:
        args.keep.mkdir(parents=True, exist_ok=True)
    make(args.keep, args.places)


if __name__ == "__main__":
    main()
