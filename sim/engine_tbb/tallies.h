// What edges and induction loops note of a vehicle that moves: one that stays on its lane in the move stage, one on
// several lanes in the stage that hands vehicles over. Whoever works on the lane writes them.
#pragma once

#include <algorithm>
#include <vector>

#include "sim/engine_tbb/world.h"

namespace gemeo::micro {

inline void see_loops(world& w, std::vector<crossing_record>& crossings, vehicle const& v, lane_id l, double front0,
                      double front1, double speed) {
  double const length = w.type_of(v).length_m;
  range const r = w.loops_on[l];
  double const way = front1 - front0;
  for (std::uint32_t i = r.begin; i < r.end; ++i) {
    loop& o = w.loops[i];
    double const in = std::clamp((o.pos_m - front0) / std::max(way, 1e-9), 0.0, 1.0);
    double const out = std::clamp((o.pos_m + length - front0) / std::max(way, 1e-9), 0.0, 1.0);
    bool const over = front1 > o.pos_m && front0 - length < o.pos_m;
    if (!over) continue;
    o.occupied_s += (way > 0 ? out - in : 1) * w.dt;
    if (front1 - length >= o.pos_m) {  // its rear has left the loop
      o.count += 1;
      o.speed_sum += speed;
      o.last_seen_s = std::max(o.last_seen_s, w.now_s + out * w.dt);
      if (w.wants_crossings && o.detector.valid() && !v.is(kObstacle))
        crossings.push_back({v.id, o.detector, w.now_s + out * w.dt});
    } else {
      o.last_seen_s = w.now_s + w.dt;
    }
  }
}

// As SUMO's meandata has it: density and speed count who has any part on the lane, waiting and loss whose front is
// there. most: its speed on that lane.
inline void add_to_sums(world& w, lane_state const& on, vehicle const& v, double on_s, double front_s, double speed,
                        double most, double length_m, emitted const* rate) {
  if (on.internal || v.is(kObstacle)) return;
  edge_sums& e = w.sums[on.edge];
  e.sampled_s += on_s;
  e.way_m += speed * on_s;
  e.front_s += front_s;
  e.front_way_m += speed * front_s;
  e.length_s += length_m * on_s;
  if (rate != nullptr) w.emissions[on.edge].add(*rate, on_s);
  if (v.is(kStopped)) return;  // at a planned stop
  if (speed < kHalting_mps) e.waiting_s += front_s;
  if (most > 0) e.loss_s += (most - speed) / most * front_s;
}

// What a vehicle emits in this tick, per second; zero where nobody asks.
inline emitted emission_rate(world const& w, vehicle const& v, double speed) {
  if (w.emission_of.empty()) return {};
  emission_table const* const t = w.emission_of[v.type];
  return t == nullptr ? emitted{} : t->at(speed, v.accel, slope_deg(w, v));
}

}  // namespace gemeo::micro
