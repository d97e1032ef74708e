// What comes of decisions about lanes: who was asked for room hears of it, vehicles go to their new lanes, and speeds
// follow what was wished (SUMO's patchSpeed).
#include <algorithm>

#include "sim/engine_tbb/change.h"
#include "sim/engine_tbb/world.h"

namespace gemeo::micro {

// In an order that hangs on nothing but who they are.
void pass_hints_on(world& w) {
  static thread_local std::vector<hint> all;
  all.clear();
  for (part& p : w.parts) {
    all.insert(all.end(), p.hints.begin(), p.hints.end());
    p.hints.clear();
  }
  std::stable_sort(all.begin(), all.end(), [&](hint const& a, hint const& b) {
    vehicle_id const x = w.cars[a.to].id, y = w.cars[b.to].id;
    return x != y ? x < y : a.from < b.from;
  });
  for (hint const& h : all) {
    vehicle& v = w.cars[h.to];
    notes_of(w.chunks[w.chunk_of[v.lane]], v, h.to).advise((h.speed - v.speed) / w.dt);
    v.wish |= h.flags;
  }
}

// Touches lanes and vehicles of the part only.
void commit_changes(world& w, part& p) {
  p.changed.each([&](new_order const& o) {
    lane_state& s = w.lanes[o.lane];
    bool changed = o.count != s.cars.size();
    for (std::uint32_t i = 0; i < o.count; ++i) {
      slot const k = p.ordered[o.first + i];
      vehicle& v = w.cars[k];
      if (v.lane == o.lane) continue;
      changed = true;
      w.take(v.lane, -w.type_of(v).taken());
      w.take(o.lane, w.type_of(v).taken());
      v.lane = o.lane;
      lane_id lane = v.lane;
      std::array<lane_id, 3>& behind = w.pasts[k].behind;
      if (v.behinds > 0) p.turned_rears.add() = {k, behind};
      for (std::uint8_t b = 0; b < v.behinds; ++b) {  // its rear now is on the lanes that lead here
        range const in = w.map->into[lane];
        for (std::uint32_t a = in.begin; a < in.end; ++a) {
          lane_id const from = w.map->arriving[a].from;
          if (w.map->lanes[from].edge != w.map->lanes[behind[b]].edge) continue;
          behind[b] = from;
          break;
        }
        lane = behind[b];
      }
    }
    if (!changed) return;
    w.set_occupants(o.lane, w.occupants[o.lane] + o.count - s.cars.size());
    s.cars.clear();
    for (std::uint32_t i = 0; i < o.count; ++i) s.cars.push_back(p.ordered[o.first + i]);
    w.note_cars(o.lane);
  });
  p.changed.clear();
  p.ordered.clear();
}

double patched_speed(world& w, vehicle& v, change_notes const& notes, double least, double wanted, double most) {
  driver const& t = w.type_of(v);
  double safe = wanted;
  bool got = false;
  if (notes.blocker_m != 0) {
    double const space = notes.left_space_m - notes.blocker_m - 1 - t.min_gap_m;
    if (space > 0) {
      double const emergency = t.min_next_emergency(v.speed), stop = t.stop_speed(v.speed, space, w.desired(v));
      most = std::min(most, std::max(stop, emergency));
      if (stop < wanted) {
        if (stop < least && stop >= emergency) least = std::max(emergency, stop);
        safe = std::max(least, stop);
        got = true;
      }
    }
  }
  for (std::size_t i = 0; i < notes.advices; ++i) {
    double const advised = v.speed + notes.advice[i] * w.dt;
    if (advised < least || advised > most) continue;
    double const weight = std::clamp(t.cooperative, 0.0, 1.0);
    safe = std::min(advised * weight + (1 - weight) * wanted, safe);
    got = true;
  }
  if (got && !notes.dont_brake) return safe;
  if ((v.wish & kWantsChange) != 0 && (v.wish & kBlocked) != 0) {
    if ((v.wish & kStrategic) != 0) return (most + wanted) / 2;
    if ((v.wish & kCooperative) != 0) {
      if ((v.wish & kByLeader) != 0) return (std::max(0.0, least) + wanted) / 2;
      if ((v.wish & kByFollower) != 0) return (most + wanted) / 2;
    }
  }
  if ((v.wish & kAmBlockingLeader) != 0) return (most + wanted) / 2;
  if (w.lanes[v.lane].alone) forget_wishes(v, w.past_of(v));
  return wanted;
}

}  // namespace gemeo::micro
