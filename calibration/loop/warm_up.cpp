#include "calibration/loop/warm_up.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "sim/core/random.h"

namespace gemeo {

namespace {

constexpr std::uint64_t kEarlier = 0x3a17;  // keys of those who depart a second time

range stops_earlier(demand& d, range calls, double by_s) {
  range out{static_cast<std::uint32_t>(d.stop_calls.size()), 0};
  for (std::uint32_t c = calls.begin; c < calls.end; ++c) {
    stop_call call = d.stop_calls[c];
    if (call.until_s >= 0) call.until_s = std::max(0.0, call.until_s - by_s);
    d.stop_calls.push_back(call);
  }
  out.end = static_cast<std::uint32_t>(d.stop_calls.size());
  return out;
}

void repeat(demand& d, vehicle_id v, double by_s) {
  vehicle_table& t = d.vehicles;
  t.key.push_back(entity_key(t.key[v], kEarlier));
  t.name.push_back("before." + t.name[v]);
  t.depart_s.push_back(t.depart_s[v] - by_s);
  auto const same = [&](auto& column) {
    auto const value = column[v];  // a copy: the column may move
    column.push_back(value);
  };
  same(t.type);
  same(t.speed_factor);
  same(t.from);
  same(t.to);
  same(t.route);
  same(t.from_zone);
  same(t.to_zone);
  same(t.why);
  same(t.line);
  t.stops.push_back(stops_earlier(d, t.stops[v], by_s));
  if (!t.start.empty()) same(t.start);
  if (!t.by_free_flow.empty()) same(t.by_free_flow);
}

}  // namespace

void add_warm_up(drawn_trips& trips, double begin_s, double warm_up_s) {
  demand& d = trips.who;
  std::unordered_map<std::uint64_t, std::uint32_t> cell_of;
  std::vector<bool> keep(d.size());
  for (std::size_t i = 0; i < d.size(); ++i) {
    vehicle_id const v(i);
    keep[i] = d.vehicles.depart_s[v] >= begin_s;
    cell_of.emplace(d.vehicles.key[v], trips.cell[v]);
  }
  d.filter(keep);
  std::size_t const drawn = d.size();
  for (std::size_t i = 0; i < drawn; ++i) {
    vehicle_id const v(i);
    if (d.vehicles.depart_s[v] >= begin_s + warm_up_s) continue;
    std::uint32_t const cell = cell_of.at(d.vehicles.key[v]);
    repeat(d, v, warm_up_s);
    cell_of.emplace(d.vehicles.key.raw().back(), cell);
  }
  d.sort();
  trips.cell.clear();
  for (std::uint64_t const key : d.vehicles.key) trips.cell.push_back(cell_of.at(key));
}

void move_in_time(demand& d, double by_s) {
  for (std::size_t i = 0; i < d.size(); ++i) d.vehicles.depart_s[vehicle_id(i)] += by_s;
  for (stop_call& c : d.stop_calls) {
    if (c.until_s >= 0) c.until_s += by_s;
  }
}

}  // namespace gemeo
