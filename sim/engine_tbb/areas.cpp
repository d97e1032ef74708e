#include "sim/engine_tbb/areas.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/core/error.h"

namespace gemeo::micro {

lane_areas::lane_areas(world const& w) {
  std::vector<std::pair<lane_id, place>> on;
  for (lane_area const& d : w.s->areas) {
    area a;
    a.what = d;
    a.length_m = d.length_m(*w.s->net);
    double offset = -d.begin_m;
    for (std::uint32_t i = 0; i < d.lanes.size(); ++i) {
      a.offset_m.push_back(offset);
      offset += w.lanes[d.lanes[i]].length_m;
      on.push_back({d.lanes[i], {static_cast<std::uint32_t>(areas_.size()), i}});
    }
    areas_.push_back(std::move(a));
  }
  if (areas_.empty()) return;
  std::stable_sort(on.begin(), on.end(), [](auto const& a, auto const& b) { return a.first < b.first; });
  on_.resize(w.lanes.size());
  for (auto const& [lane, where] : on) {
    range& r = on_[lane];
    if (r.size() == 0) r.begin = static_cast<std::uint32_t>(places_.size());
    places_.push_back(where);
    r.end = static_cast<std::uint32_t>(places_.size());
  }
}

lane_areas::followed* lane_areas::find(area& a, vehicle_id id) {
  auto const at =
      std::lower_bound(a.known.begin(), a.known.end(), id, [](followed const& f, vehicle_id i) { return f.id < i; });
  return at != a.known.end() && at->id == id ? &*at : nullptr;
}

// Who drives onto a lane of an area, or from the area's lanes onto another one.
void lane_areas::follow_onto(world const& w, passage const& p, std::span<lane_id const> lanes, std::size_t at) {
  vehicle const& v = w.cars[p.who];
  double front = p.pos0 + p.speed * w.dt;  // from the begin of lanes[at]
  for (std::size_t i = p.was; i < at; ++i) front -= w.lanes[lanes[i]].length_m;
  range const here = on_[lanes[at]];
  for (std::uint32_t i = here.begin; i < here.end; ++i) {
    area& a = areas_[places_[i].area];
    double const offset = a.offset_m[places_[i].index];
    followed* f = find(a, v.id);
    if (f == nullptr) {
      if (at == p.was) continue;  // it came onto this lane behind the area
      followed const now{v.id, p.who, lanes[p.was], offset + front - p.speed * w.dt, std::max(0.0, offset), a.length_m,
                         0,    0};
      f = &*a.known.insert(std::upper_bound(a.known.begin(), a.known.end(), now), now);
    }
    if (at + 1U >= p.count) continue;
    range const next = on_[lanes[at + 1]];
    bool const stays = std::any_of(places_.begin() + next.begin, places_.begin() + next.end,
                                   [&](place const& o) { return o.area == places_[i].area; });
    if (!stays) f->exit_m = std::min(f->exit_m, offset + w.lanes[lanes[at]].length_m);
  }
}

// One vehicle's tick: when it was there, and which part of it is.
void lane_areas::see(world const& w, area& a, followed& f) {
  vehicle const& v = w.cars[f.who];
  double const length = w.type_of(v).length_m, way = v.speed * w.dt, from = f.at_m, most = w.lane_speed(v, v.lane);
  f.at_m = from + way;
  f.lane = v.lane;
  if (f.at_m <= 0) return;
  if (f.entered == 0) {
    f.entered = 1;
    a.now.entered += 1;
    a.seen += 1;
  }
  f.leaves = f.exit_m <= f.at_m - length ? 1 : 0;
  if (f.leaves != 0 && f.exit_m <= from - length) return;  // it was never there
  double on_s = w.dt, loss_s = w.dt;
  if (way > 0) {
    auto const reaches = [&](double m) { return std::clamp((m - from) / v.speed, 0.0, w.dt); };
    on_s = reaches(std::min(f.at_m, f.exit_m + length)) - (from < f.in_m ? reaches(f.in_m) : 0);
    double const slowest = std::max(most, 1e-3);
    loss_s = std::max(0.0, on_s * (slowest - v.speed) / slowest);
  }
  a.now.sampled_s += on_s;
  a.now.loss_s += loss_s;
  a.now.way_m += v.speed * on_s;
  double const there = std::max(0.0, std::min(length, f.at_m) + std::min(0.0, f.exit_m - f.at_m));
  a.sights.push_back({v.id, a.length_m - f.at_m, there, v.speed});
}

void lane_areas::after_moves(world const& w) {
  if (areas_.empty()) return;
  for (part const& mine : w.parts) {
    mine.passages.each([&](passage const& p) {
      if (p.count == p.was + 1U || w.cars[p.who].is(kObstacle)) return;
      auto const lanes = mine.lanes_of(p);
      for (std::size_t i = p.was; i < p.count; ++i) {
        if (on_[lanes[i]].size() > 0) follow_onto(w, p, lanes, i);
      }
    });
  }
  for (area& a : areas_) {
    a.sights.clear();
    for (followed& f : a.known) see(w, a, f);
  }
}

// True: the vehicle is part of a jam.
bool lane_areas::note_halt(area& a, sight const& s, double dt, std::vector<halt>& lasting) {
  auto const before = std::lower_bound(a.halts.begin(), a.halts.end(), halt{s.id});
  bool const halted = before != a.halts.end() && before->id == s.id;
  if (s.speed < a.what.halt_mps) {
    if (!halted) a.now.halts += 1;
    lasting.push_back({s.id, (halted ? before->lasts_s : 0) + dt, (halted ? before->here_s : 0) + dt});
    return lasting.back().lasts_s > a.what.jam_s;
  }
  if (halted) {
    a.now.ended += 1;
    a.now.ended_s += before->lasts_s;
    a.now.ended_here_s += before->here_s;
    a.now.most_ended_s = std::max(a.now.most_ended_s, before->lasts_s);
    a.now.most_ended_here_s = std::max(a.now.most_ended_here_s, before->here_s);
  }
  return false;
}

// Halts, jams and means of one tick. Who has gone without driving out of the area is forgotten with his halt.
void lane_areas::sum_up(world const& w, area& a) {
  std::sort(a.sights.begin(), a.sights.end(), [](sight const& x, sight const& y) {
    return x.to_end_m != y.to_end_m ? x.to_end_m < y.to_end_m : x.id < y.id;
  });
  std::vector<halt> lasting;
  double covered = 0, longest_m = 0, longest = 0;
  for (std::size_t i = 0, first = 0, in_jam = 0; i <= a.sights.size(); ++i) {
    bool const jammed = i < a.sights.size() && note_halt(a, a.sights[i], w.dt, lasting);
    if (jammed && in_jam++ == 0) first = i;
    if (!jammed && in_jam > 0) {
      sight const &head = a.sights[first], &tail = a.sights[i - 1];
      double const m = std::max(tail.to_end_m, 0.0) - std::max(head.to_end_m, 0.0) + tail.length_m;
      longest_m = std::max(longest_m, m);
      longest = std::max(longest, static_cast<double>(in_jam));
      a.now.jam_m_sum += m;
      a.now.jam_veh_sum += static_cast<double>(in_jam);
      in_jam = 0;
    }
    if (i < a.sights.size()) covered += a.sights[i].length_m;
  }
  std::sort(lasting.begin(), lasting.end());
  a.halts = std::move(lasting);
  double const occupancy = covered / a.length_m * 100, there = static_cast<double>(a.sights.size());
  a.now.ticks += 1;
  a.now.occupancy += occupancy;
  a.now.most_occupancy = std::max(a.now.most_occupancy, occupancy);
  a.now.vehicles += there;
  a.now.most_vehicles = std::max(a.now.most_vehicles, there);
  a.now.jam_veh += longest;
  a.now.jam_m += longest_m;
  a.now.most_jam_veh = std::max(a.now.most_jam_veh, longest);
  a.now.most_jam_m = std::max(a.now.most_jam_m, longest_m);
}

// Who has come onto the area's lanes from beside, or began his trip there: his first move counts.
void lane_areas::find_new(world const& w, area& a) {
  std::size_t const old = a.known.size();
  for (std::size_t i = 0; i < a.what.lanes.size(); ++i) {
    for (slot const k : w.lanes[a.what.lanes[i]].cars) {
      vehicle const& v = w.cars[k];
      followed const now{v.id, k, a.what.lanes[i], a.offset_m[i] + v.pos, std::max(0.0, a.offset_m[i]), a.length_m,
                         0,    0};
      if (v.is(kObstacle) || a.length_m <= now.at_m - w.type_of(v).length_m) continue;
      if (!std::binary_search(a.known.begin(), a.known.begin() + static_cast<std::ptrdiff_t>(old), now))
        a.known.push_back(now);
    }
  }
  if (a.known.size() > old) std::sort(a.known.begin(), a.known.end());
}

void lane_areas::after_tick(world const& w) {
  for (area& a : areas_) {
    sum_up(w, a);
    std::erase_if(a.known, [&](followed const& f) {
      vehicle const& v = w.cars[f.who];
      bool const gone = v.id != f.id || v.is(kGone) || v.lane != f.lane;
      if (f.leaves == 0 && !gone) return false;
      if (f.entered != 0) a.now.left += 1;
      return true;
    });
    find_new(w, a);
  }
}

area_record lane_areas::take(std::size_t i, double begin_s, double end_s) {
  area& a = areas_[i];
  sums const& n = a.now;
  auto const f = [](double x) { return static_cast<float>(x); };
  auto const mean = [&](double sum, double of) { return of > 0 ? f(sum / of) : 0.F; };
  float const none = std::numeric_limits<float>::quiet_NaN();
  double halts = n.ended, halt_s = n.ended_s, here_s = n.ended_here_s, most = n.most_ended_s,
         most_here = n.most_ended_here_s;
  for (halt& h : a.halts) {
    halts += 1;
    halt_s += h.lasts_s;
    here_s += h.here_s;
    most = std::max(most, h.lasts_s);
    most_here = std::max(most_here, h.here_s);
    h.here_s = 0;
  }
  area_record r;
  r.area = area_id(i);
  r.begin_s = begin_s;
  r.end_s = end_s;
  r.entered = f(n.entered);
  r.left = f(n.left);
  r.seen = f(a.seen);
  r.sampled_s = f(n.sampled_s);
  r.speed_mps = n.sampled_s > 0 ? f(n.way_m / n.sampled_s) : none;
  r.time_loss_s = a.seen > 0 ? f(n.loss_s / a.seen) : none;
  r.occupancy_pct = mean(n.occupancy, n.ticks);
  r.most_occupancy_pct = f(n.most_occupancy);
  r.vehicles = mean(n.vehicles, n.ticks);
  r.most_vehicles = f(n.most_vehicles);
  r.jam_veh = mean(n.jam_veh, n.ticks);
  r.jam_m = mean(n.jam_m, n.ticks);
  r.most_jam_veh = f(n.most_jam_veh);
  r.most_jam_m = f(n.most_jam_m);
  r.jam_veh_sum = f(n.jam_veh_sum);
  r.jam_m_sum = f(n.jam_m_sum);
  r.halts = f(n.halts);
  r.halt_s = halts > 0 ? f(std::floor(halt_s / halts * 1000 + 1e-6) / 1000) : 0;  // SUMO counts whole milliseconds
  r.most_halt_s = f(most);
  r.halt_sum_s = f(halt_s);
  r.most_halt_here_s = f(most_here);
  r.halt_here_sum_s = f(here_s);
  a.seen -= n.left;
  a.now = {};
  return r;
}

void lane_areas::renumber(std::vector<slot> const& to) {
  for (area& a : areas_) {
    for (followed& f : a.known) f.who = to[f.who];
  }
}

void lane_areas::save(byte_writer& out) const {
  for (area const& a : areas_) {
    out.put(a.known);
    out.put(a.halts);
    out.put(a.seen);
    out.put(a.now);
  }
}

void lane_areas::restore(byte_reader& in) {
  for (area& a : areas_) {
    in.get(a.known);
    in.get(a.halts);
    in.get(a.seen);
    in.get(a.now);
  }
}

}  // namespace gemeo::micro
