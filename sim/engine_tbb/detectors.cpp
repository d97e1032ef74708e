#include "sim/engine_tbb/detectors.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/core/error.h"

namespace gemeo::micro {

namespace {
constexpr double kTolerance_s = 1e-9;
}

detectors::detectors(world& w, double interval_s) : areas_(w) {
  auto const add = [&](double period_s) { clocks_.push_back({period_s > 0 ? period_s : interval_s, w.s->begin_s}); };
  for (detector_place const& d : w.s->detectors) {
    loop l;
    l.lane = d.lane;
    l.detector = detector_id(w.loops.size());
    l.pos_m = d.pos_m;
    w.loops.push_back(l);
    add(d.period_s);
  }
  place_of_.resize(w.loops.size());
  for (lane_area const& a : w.s->areas) add(a.period_s);
  next_end_s_ = next_end();
}

std::vector<std::uint32_t> detectors::sort(world& w) {
  std::vector<std::uint32_t> order(w.loops.size()), where(w.loops.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return w.loops[a].lane < w.loops[b].lane; });
  std::vector<loop> sorted;
  for (std::uint32_t i = 0; i < order.size(); ++i) {
    where[order[i]] = i;
    sorted.push_back(w.loops[order[i]]);
  }
  w.loops = std::move(sorted);
  place_of_.assign(where.begin(), where.begin() + static_cast<std::ptrdiff_t>(place_of_.size()));
  w.loops_on.resize(w.lanes.size());
  for (std::uint32_t i = 0; i < w.loops.size();) {
    std::uint32_t end = i;
    while (end < w.loops.size() && w.loops[end].lane == w.loops[i].lane) ++end;
    w.loops_on[w.loops[i].lane] = {i, end};
    w.lanes[w.loops[i].lane].has_loops = true;
    i = end;
  }
  return where;
}

double detectors::next_end() const {
  double next = std::numeric_limits<double>::infinity();
  for (clock const& c : clocks_) next = std::min(next, c.began_s + c.period_s);
  return next;
}

void detectors::close(world& w, std::size_t i, double end_s, observations& out) {
  clock& c = clocks_[i];
  if (i >= place_of_.size()) {
    out.areas.push_back(areas_.take(i - place_of_.size(), c.began_s, end_s));
  } else {
    loop& l = w.loops[place_of_[i]];
    auto const f = [](double x) { return static_cast<float>(x); };
    double const period = end_s - c.began_s;
    detector_record r;
    r.detector = detector_id(i);
    r.begin_s = c.began_s;
    r.end_s = end_s;
    r.count = f(l.count);
    r.flow_veh_per_h = f(l.count * 3600 / period);
    r.occupancy_pct = f(l.occupied_s / period * 100);
    r.speed_mps = l.count > 0 ? f(l.speed_sum / l.count) : std::numeric_limits<float>::quiet_NaN();
    out.detectors.push_back(r);
    l.count = l.occupied_s = l.speed_sum = 0;
  }
  c.began_s = end_s;
}

void detectors::after_tick(world& w, observations& out) {
  areas_.after_tick(w);
  if (w.now_s < next_end_s_ - kTolerance_s) return;
  for (std::size_t i = 0; i < clocks_.size(); ++i) {
    // As SUMO does: an interval ends with the tick in which it is over.
    if (w.now_s >= clocks_[i].began_s + clocks_[i].period_s - kTolerance_s) close(w, i, w.now_s, out);
  }
  next_end_s_ = next_end();
}

void detectors::close_all(world& w, observations& out) {
  for (std::size_t i = 0; i < clocks_.size(); ++i) {
    if (w.now_s > clocks_[i].began_s + kTolerance_s) close(w, i, w.now_s, out);
  }
}

void detectors::save(byte_writer& out) const {
  out.put(clocks_);
  areas_.save(out);
}

void detectors::restore(byte_reader& in) {
  std::size_t const known = clocks_.size();
  in.get(clocks_);
  if (clocks_.size() != known)
    throw_input("checkpoint", "belongs to another scenario", "restore it with the scenario it was made with");
  areas_.restore(in);
  next_end_s_ = next_end();
}

}  // namespace gemeo::micro
