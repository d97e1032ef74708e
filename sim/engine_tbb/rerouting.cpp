#include "sim/engine_tbb/rerouting.h"

#include <fmt/core.h>

#include <algorithm>
#include <variant>

namespace gemeo::micro {

namespace {
constexpr std::uint64_t kRefusalsTold = 20;  // informed drivers ask again and again
}  // namespace

std::vector<vehicle_id> world_traffic::vehicles() const {
  std::vector<vehicle_id> out;
  auto const& slots = w_.changes.slot_of;
  for (std::uint32_t v = 0; v < slots.size(); ++v) {
    if (slots[vehicle_id(v)] != kNone) out.emplace_back(v);
  }
  return out;
}

void world_traffic::see(frame& f) {
  f.clear();
  for (std::uint32_t l = 0; l < w_.lanes.size(); ++l) {
    for (slot const k : w_.lanes[lane_id(l)].cars) {
      vehicle const& v = w_.cars[k];
      if (v.is(kObstacle)) continue;
      f.vehicle.push_back(v.id);
      f.lane.push_back(v.lane);
      f.pos_m.push_back(static_cast<float>(v.pos));
      f.speed_mps.push_back(static_cast<float>(v.speed));
    }
  }
}

std::span<edge_id const> world_traffic::route_left(vehicle_id v, bool in_network) const {
  range left{};
  if (in_network) {
    vehicle const& car = w_.cars[w_.changes.slot_of[v]];
    left = {car.route_at, car.route_end()};
  } else if (w_.d->vehicles.route[v].valid()) {
    left = entry_route(w_, v);
  }
  return {w_.route_edges.data() + left.begin, left.size()};
}

whereabouts world_traffic::find(vehicle_id v) const {
  vehicle const& car = w_.cars[w_.changes.slot_of[v]];
  if (!car.lane.valid() || w_.lanes[car.lane].internal) return {};
  return {car.lane, car.pos, car.speed};
}

rerouting::rerouting(world& w, thread_team const& team) : w_(w), traffic_(w), reroutes_(*w.s, w.seed, traffic_, team) {
  if (w.s->informed.share <= 0) return;
  note_slots(w);
  informed_ = std::make_unique<informed>(*w.s, w.seed, traffic_, reroutes_);
}

std::vector<std::string> rerouting::unsupported(scenario const& s) {
  if (s.ways) return {};
  std::vector<std::string> out;
  if (s.informed.share > 0) out.emplace_back("informed drivers without a router of the scenario");
  bool const asks = std::any_of(s.commands.begin(), s.commands.end(),
                                [](timed_command const& c) { return std::holds_alternative<reroute>(c.what); });
  if (asks) out.emplace_back("drivers who change their route on the way, without a router of the scenario");
  return out;
}

void rerouting::after_step(std::span<vehicle_id const> entered, std::vector<message>& out) {
  if (!informed_) return;
  informed_->after_step(entered, w_.now_s);
  tell_refused(out);
}

void rerouting::answer(reroute const& r, std::span<vehicle_id const> waiting, std::vector<message>& out) {
  if (w_.changes.slot_of.empty()) note_slots(w_);
  std::size_t const n = reroutes_.answer(r, waiting, w_.now_s);
  out.push_back({w_.now_s, fmt::format("{} travellers on the road took another way at {:.0f} s", n, w_.now_s)});
  tell_refused(out);
}

void rerouting::tell_refused(std::vector<message>& out) {
  for (std::string const& r : reroutes_.refused) {
    if (++refusals_ <= kRefusalsTold) out.push_back({w_.now_s, "no new route: " + r});
  }
  reroutes_.refused.clear();
}

void rerouting::finish(std::vector<message>& out) const {
  if (informed_) out.push_back({w_.now_s, informed_->summary()});
  if (refusals_ > kRefusalsTold) out.push_back({w_.now_s, fmt::format("{} new routes could not be driven", refusals_)});
}

void rerouting::save(byte_writer& out) const {
  out.put(refusals_);
  if (informed_) informed_->save(out);
}

void rerouting::restore(byte_reader& in) {
  in.get(refusals_);
  if (informed_) informed_->restore(in);
}

}  // namespace gemeo::micro
