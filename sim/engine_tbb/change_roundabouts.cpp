// Changing lanes before and inside roundabouts, as SUMO's LC2013 does it: which of the lanes ahead belong to one, and
// how much longer that makes the inner one.
#include <algorithm>

#include "sim/engine_tbb/change_views.h"

namespace gemeo::micro {

// The first lane inside the junction between two lanes of a way; invalid: there is none.
lane_id lane_ways::via(lane_id from, lane_id to) const {
  for (link const& l : w_.map->links_of(from)) {
    if (l.to == to) return l.via;
  }
  return {};
}

// Edges of the roundabout ahead that the way leads over, or 0 where the inner lane is not for as long.
int lane_ways::roundabout_edges(std::size_t inner, std::size_t best) const {
  int edges = 0;
  bool entered = false;
  double seen = -me().pos;
  for (std::size_t n = 0; n < lanes_on_way(best); ++n) {
    lane_facts const& f = w_.map->lanes[on_way(best, n)];
    if ((!entered || f.roundabout) && n >= lanes_on_way(inner)) return 0;
    if (seen > kRoundaboutSight_m) return 0;
    if (f.roundabout) {
      entered = true;
      edges += f.at_crossing ? 1 : 0;
    } else if (entered) {
      break;
    }
    seen += f.length_m;
  }
  return edges;
}

// The inner lane of a roundabout is longer than it looks for the cooperative who do not take the next exit.
double lane_ways::roundabout_bonus(std::size_t to, std::size_t best) const {
  std::size_t const inner = std::max(to, mine_);
  int const edges = roundabout_edges(inner, best);
  if (edges < 2) return 0;
  double outer_sum = 0, inner_sum = 0, way = 0;
  bool entered = false;
  lane_id before, before_inner;
  for (std::size_t n = inside_ ? 1 : 0; n < lanes_on_way(best); ++n) {
    lane_id const l = on_way(best, n);
    lane_facts const& f = w_.map->lanes[l];
    if (f.roundabout)
      entered = true;
    else if (entered)
      break;
    lane_id const between = before.valid() ? via(before, l) : lane_id{};
    if (entered) way += f.length_m + (between.valid() ? w_.map->lanes[between].length_m : 0);
    double const share = n == 0 ? (f.length_m - me().pos) / f.length_m : 1;  // who is behind does not count
    outer_sum += share * w_.brutto_m(l);
    if (between.valid()) outer_sum += w_.brutto_m(between);
    before = l;
    if (n >= lanes_on_way(inner)) continue;
    lane_id const l2 = on_way(inner, n);
    inner_sum += share * w_.brutto_m(l2);
    if (lane_id const k = before_inner.valid() ? via(before_inner, l2) : lane_id{}; k.valid())
      inner_sum += w_.brutto_m(k);
    before_inner = l2;
  }
  double const fuller = std::max(inner_sum, outer_sum);
  if (fuller == 0) return 0;
  double const credit = edges * 7.5;
  return way * std::max(0.0, (outer_sum - inner_sum + credit) / (fuller + credit)) * 9 * type().cooperative;
}

}  // namespace gemeo::micro
