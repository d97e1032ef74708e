#include "tests/property/watcher.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace gemeo::test {

namespace {

constexpr double kOverlap_m = 0.01, kSpeed_mps = 0.001, kWay_m = 0.02, kBraking_mps2 = 0.01;

}  // namespace

watcher::watcher(scenario const& s) : s_(s), gone_(s.travellers->size(), false) {}

// Of the lanes beside it: inside a junction who changes lanes may come to a shorter one.
double watcher::longest(lane_id l) const {
  range const all = s_.net->edges.lanes[s_.net->lanes.edge[l]];
  double most = 0;
  for (std::uint32_t i = all.begin; i < all.end; ++i) most = std::max(most, double(s_.net->lanes.length_m[lane_id(i)]));
  return most;
}

void watcher::note(char const* kind, std::string const& what) {
  auto& [n, first] = wrong_[kind];
  if (n++ == 0) first = what;
}

std::string watcher::wrong() const {
  std::string out;
  for (auto const& [kind, seen] : wrong_) out += fmt::format("{}: {} times, first {}\n", kind, seen.first, seen.second);
  return out;
}

std::string watcher::who(vehicle_id v, frame const& f, std::size_t at) const {
  return fmt::format("at {} s vehicle {} ({}) on {} at {:.2f} m, {:.2f} m/s", f.time_s, v.value,
                     s_.travellers->types[s_.travellers->vehicles.type[v]].name,
                     f.lane[at].valid() ? s_.net->lane_name(f.lane[at]) : "no lane", f.pos_m[at], f.speed_mps[at]);
}

void watcher::see(frame const& f, counters const& c) {
  auto const must = [&](bool good, char const* kind) {
    if (!good)
      note(kind, fmt::format("at {} s: loaded {}, departed {}, running {}, arrived {}, waiting {}, in the frame {}",
                             f.time_s, c.loaded, c.departed, c.running, c.arrived, c.backlog, f.size()));
  };
  must(c.departed == c.running + c.arrived, "entered is not running + arrived");
  must(c.loaded == c.departed + c.backlog, "due is not entered + waiting");
  must(c.running == static_cast<std::int64_t>(f.size()), "running is not what is seen");
  must(std::adjacent_find(f.vehicle.begin(), f.vehicle.end(), [](auto a, auto b) { return a.value >= b.value; }) ==
           f.vehicle.end(),
       "a vehicle seen twice, or out of order");
  updates += f.size();
  see_moves(f);
  see_lanes(f);
  before_ = f;
}

// Both frames are sorted by vehicle.
void watcher::see_moves(frame const& f) {
  std::size_t i = 0;
  for (std::size_t k = 0; k < f.size(); ++k) {
    vehicle_id const v = f.vehicle[k];
    for (; i < before_.size() && before_.vehicle[i] < v; ++i) gone_[before_.vehicle[i].index()] = true;
    if (gone_[v.index()]) note("a vehicle that had left is back", who(v, f, k));
    if (double(f.speed_mps[k]) < -kSpeed_mps) note("a speed below zero", who(v, f, k));
    if (f.lane[k].valid() && (f.pos_m[k] < 0 || double(f.pos_m[k]) > longest(f.lane[k]) + kWay_m))
      note("a vehicle beside its lane", who(v, f, k));
    if (i < before_.size() && before_.vehicle[i] == v) see_move(v, i++, k, f);
  }
  for (; i < before_.size(); ++i) gone_[before_.vehicle[i].index()] = true;
}

void watcher::see_move(vehicle_id v, std::size_t was, std::size_t is, frame const& f) {
  lane_id const from = before_.lane[was], to = f.lane[is];
  if (!from.valid() || !to.valid()) return;  // teleporting
  double const dt = f.time_s - before_.time_s, speed = f.speed_mps[is];
  double const way = double(f.pos_m[is]) - double(before_.pos_m[was]);
  // An emergency stop, which the engine counts, ends with speed 0 at the end of the lane.
  bool const held = f.speed_mps[is] == 0 && std::abs(f.pos_m[is] - s_.net->lanes.length_m[to]) < 0.01F;
  if (from == to && !held && way > speed * dt + kWay_m) note("further than its speed", who(v, f, is));
  if (from == to && way < speed * dt - kWay_m) note("less far than its speed", who(v, f, is));
  double const braking = (double(before_.speed_mps[was]) - speed) / dt;
  if (braking > s_.travellers->types[s_.travellers->vehicles.type[v]].emergency_decel_mps2 + kBraking_mps2) {
    if (hard_brakings++ == 0) first_braking = who(v, f, is);
    hardest_mps2 = std::max(hardest_mps2, braking);
  }
  if (s_.net->lanes.edge[from] == s_.net->lanes.edge[to]) return;
  // Whoever cannot have driven there was put there: a teleport, which the engine counts.
  double const least_m = double(s_.net->lanes.length_m[from]) - double(before_.pos_m[was]) + double(f.pos_m[is]) +
                         shortest_between(from, to);
  vehicle_type const& type = s_.travellers->types[s_.travellers->vehicles.type[v]];
  bool const jumped = speed > double(before_.speed_mps[was]) + type.accel_mps2 * dt + kBraking_mps2;
  if (!held && (jumped || least_m > speed * dt + kWay_m))
    ++put;
  else
    see_entry(v, from, to);
}

// Of the ways through the junction between two edges, in m; endless where there is none.
double watcher::shortest_between(lane_id from, lane_id to) const {
  network const& n = *s_.net;
  if (!n.is_normal(n.lanes.edge[from]) || !n.is_normal(n.lanes.edge[to])) return 0;
  double least = 1e9;
  range const beside = n.edges.lanes[n.lanes.edge[from]];
  for (std::uint32_t k = beside.begin; k < beside.end; ++k) {
    range const out = n.lanes.out[lane_id(k)];
    for (std::uint32_t i = out.begin; i < out.end; ++i) {
      connection const& c = n.connections[i];
      if (n.lanes.edge[c.to] != n.lanes.edge[to]) continue;
      least = std::min(least, c.via.valid() ? double(n.lanes.length_m[c.via]) : 0.0);
    }
  }
  return least;
}

// Somebody has left a lane over one of its links: not all that lead to where he is may have been red.
void watcher::see_entry(vehicle_id v, lane_id from, lane_id to) {
  network const& n = *s_.net;
  range const out = n.lanes.out[from];
  bool red = false, other = false;
  for (std::uint32_t i = out.begin; i < out.end; ++i) {
    connection const& c = n.connections[i];
    bool const leads = c.via == to || n.lanes.edge[c.to] == n.lanes.edge[to] ||
                       (c.via.valid() && n.lanes.edge[c.via] == n.lanes.edge[to]);
    if (!leads) continue;
    char const shown = c.signal.valid() ? light(c, before_.time_s) : '-';
    (shown == 'r' || shown == 'u' ? red : other) = true;
    if (shown == 'G' || shown == 'g') ++entered_on_green;
  }
  if (red && !other)
    note("a vehicle passes a red light",
         fmt::format("at {} s vehicle {} from {} to {}", before_.time_s, v.value, n.lane_name(from), n.lane_name(to)));
}

char watcher::light(connection const& c, double time_s) const {
  signal_program const& p = s_.net->signals.programs[c.signal].back();
  double cycle = 0;
  for (signal_phase const& f : p.phases) cycle += f.duration_s;
  double at = std::fmod(time_s - p.offset_s, cycle);
  if (at < 0) at += cycle;
  for (signal_phase const& f : p.phases) {
    if (at < f.duration_s - 1e-6) return f.state.at(static_cast<std::size_t>(c.link));
    at -= f.duration_s;
  }
  return p.phases.front().state.at(static_cast<std::size_t>(c.link));
}

void watcher::see_lanes(frame const& f) {
  std::vector<std::size_t> order;
  for (std::size_t k = 0; k < f.size(); ++k) {
    if (f.lane[k].valid()) order.push_back(k);
  }
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (f.lane[a] != f.lane[b]) return f.lane[a] < f.lane[b];
    return f.pos_m[a] != f.pos_m[b] ? f.pos_m[a] > f.pos_m[b] : a < b;
  });
  for (std::size_t i = 1; i < order.size(); ++i) {
    std::size_t const ahead = order[i - 1], behind = order[i];
    if (f.lane[ahead] != f.lane[behind]) continue;
    double const length = s_.travellers->types[s_.travellers->vehicles.type[f.vehicle[ahead]]].length_m;
    double const gap = double(f.pos_m[ahead]) - length - double(f.pos_m[behind]);
    if (gap > -kOverlap_m) continue;
    deepest_m = std::max(deepest_m, -gap);
    if (!overlapped_.emplace(f.vehicle[behind], f.vehicle[ahead]).second) continue;
    if (overlaps++ == 0) first_overlap = who(f.vehicle[behind], f, behind) + " in " + who(f.vehicle[ahead], f, ahead);
  }
}

void watcher::end(observations const& all, counters const& c) {
  std::vector<int> records(s_.travellers->size(), 0);
  std::int64_t arrived = 0, running = 0, waiting = 0;
  for (trip_record const& t : all.trips) {
    ++records.at(t.vehicle.index());
    arrived += t.state == trip_state::kArrived ? 1 : 0;
    running += t.state == trip_state::kRunning ? 1 : 0;
    waiting += t.state == trip_state::kNeverInserted ? 1 : 0;
  }
  if (std::any_of(records.begin(), records.end(), [](int n) { return n > 1; })) note("two records of a trip", "");
  if (arrived != c.arrived || running != c.running || waiting != c.backlog)
    note("trips lost", fmt::format("recorded {} arrived, {} running, {} waiting; counted {}, {}, {}", arrived, running,
                                   waiting, c.arrived, c.running, c.backlog));
}

}  // namespace gemeo::test
