// Buses whose way is closed to them: they leave it as late as they can, come back as soon as they can, and call at the
// stops that remain. What that costs a line is said in the warnings.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "sim/scenario/draft.h"

namespace gemeo {

namespace {

struct line_change {
  std::size_t detours = 0, stranded = 0;
  std::set<std::string> left_out;
};

class dispatcher {
 public:
  dispatcher(draft& d, vehicle_id v) : d_(d), q_(d.query(v)), options_(d.routing()) {
    options_.taste_sd = 0;  // a bus line's detour is a plan, not a driver's taste
    auto const way = d.travellers.route(d.travellers.vehicles.route[v]);
    old_.assign(way.begin(), way.end());
    d.base->times_s(old_, q_, options_, times_);
    range const r = d.travellers.vehicles.stops[v];
    calls_.assign(d.travellers.stop_calls.begin() + r.begin, d.travellers.stop_calls.begin() + r.end);
  }

  // False when not even a part of the line can be run.
  bool plan() {
    std::size_t at = 0;  // index in the old way
    std::size_t first = 0;
    while (first < old_.size() && !open(first)) ++first;
    if (first == old_.size()) return false;
    way_ = {old_[first]};
    at_ = first;
    for (stop_call const& c : calls_) {
      edge_id const e = d_.net().lanes.edge[d_.travellers.stops[c.stop].lane];
      while (at < old_.size() && old_[at] != e) ++at;
      if (at < first || at >= old_.size() || !open(at) || !go_to(at)) {
        left_out.push_back(d_.travellers.stops[c.stop].label);
      } else {
        kept.push_back(c);
      }
      if (at >= old_.size()) break;
    }
    std::size_t last = old_.size() - 1;
    while (last > at_ && (!open(last) || !go_to(last))) --last;
    return way_.size() > 1;
  }

  [[nodiscard]] std::vector<edge_id> const& way() const { return way_; }
  std::vector<stop_call> kept;
  std::vector<std::string> left_out;

 private:
  bool open(std::size_t i) const { return d_.ways->open(old_[i], times_[i], q_, options_); }

  // Extends the way to the old way's edge number i: along the old way where that is free, else by the fastest detour.
  bool go_to(std::size_t i) {
    if (i == at_) return true;
    std::vector<edge_id> const piece(old_.begin() + static_cast<std::ptrdiff_t>(at_),
                                     old_.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    std::vector<double> const when(times_.begin() + static_cast<std::ptrdiff_t>(at_),
                                   times_.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    std::vector<edge_id> next = piece;
    bool free = true;
    for (std::size_t k = 0; k < piece.size(); ++k) free = free && d_.ways->open(piece[k], when[k], q_, options_);
    if (!free || has_closed_turn(piece, when)) {
      route_query q = q_;
      q.from = old_[at_];
      q.to = old_[i];
      q.depart_s = times_[at_];
      next = d_.ways->route(q, options_);
      if (next.empty()) return false;
    }
    way_.insert(way_.end(), next.begin() + 1, next.end());
    at_ = i;
    return true;
  }
  bool has_closed_turn(std::vector<edge_id> const& piece, std::vector<double> const& when) const {
    route_query q = q_;
    q.depart_s = when.front();
    return std::isinf(d_.ways->perceived_s(piece, q, options_));
  }

  draft& d_;
  route_query q_;
  routing_options options_;
  std::vector<edge_id> old_, way_;
  std::vector<double> times_;
  std::vector<stop_call> calls_;
  std::size_t at_ = 0;
};

}  // namespace

void move_buses(draft& d, std::vector<vehicle_id> const& affected) {
  vehicle_table& t = d.travellers.vehicles;
  std::map<line_id, line_change> changes;
  for (vehicle_id const v : affected) {
    dispatcher b(d, v);
    bool const runs = b.plan();
    auto const before = d.travellers.route(t.route[v]);
    if (runs && b.left_out.empty() && std::equal(before.begin(), before.end(), b.way().begin(), b.way().end()))
      continue;
    line_change& c = changes[t.line[v]];
    c.left_out.insert(b.left_out.begin(), b.left_out.end());
    if (!runs) {
      ++c.stranded;
      ++d.out.trips_without_route;
      t.route[v] = route_id();
      continue;
    }
    ++c.detours;
    ++d.out.trips_rerouted;
    auto const begin = static_cast<std::uint32_t>(d.travellers.stop_calls.size());
    d.travellers.stop_calls.insert(d.travellers.stop_calls.end(), b.kept.begin(), b.kept.end());
    t.stops[v] = {begin, static_cast<std::uint32_t>(d.travellers.stop_calls.size())};
    t.route[v] = d.travellers.add_route(b.way());
    t.from[v] = b.way().front();
    t.to[v] = b.way().back();
  }
  for (auto const& [line, c] : changes) {
    std::string text = fmt::format("bus line {}: {} buses run another way", d.travellers.lines[line].name, c.detours);
    if (c.stranded > 0) text += fmt::format(", {} cannot run and are counted as never inserted", c.stranded);
    std::string stops;
    for (std::string const& s : c.left_out) stops += (stops.empty() ? "; stops left out: " : ", ") + s;
    d.out.warnings.push_back(text + stops);
  }
}

}  // namespace gemeo
