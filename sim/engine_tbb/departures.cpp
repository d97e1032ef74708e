#include "sim/engine_tbb/departures.h"

#include <algorithm>

#include "sim/core/frame.h"

namespace gemeo::micro {

namespace {

// SUMO's defaults of device.rerouting.adaptation-steps, .adaptation-interval and .pre-period.
constexpr std::size_t kSamples = 180;
constexpr double kSample_s = 1, kPatience_s = 60;
constexpr std::size_t kSearchesATask = 4;

}  // namespace

departures::departures(world& w, thread_team const& team)
    : w_(w), team_(team), trips_(*w.s->trips), next_sample_s_(w.s->begin_s) {
  std::size_t const edges = w.map->net().edge_count();
  if (w.changes.slot_of.empty()) note_slots(w);
  past_of_.raw().assign(edges, kNone);
  for (std::size_t e = 0; e < edges; ++e) speeds_.push_back(mean_speed(edge_id(e)));
}

// Of its lanes' means, each weighted by who is on it; an empty one is a vehicle at the limit (SUMO 1.15, as its
// device.rerouting.output shows it).
double departures::mean_speed(edge_id e) const {
  double speeds = 0, vehicles = 0;
  range const lanes = w_.map->net().edges.lanes[e];
  for (std::uint32_t l = lanes.begin; l < lanes.end; ++l) {
    lane_state const& s = w_.lanes[lane_id(l)];
    double sum = 0, n = 0;
    for (slot const k : s.cars) {
      if (w_.cars[k].is(kObstacle)) continue;
      sum += w_.cars[k].speed;
      n += 1;
    }
    speeds += n > 0 ? sum : s.limit;
    vehicles += n > 0 ? n : 1;
  }
  return vehicles > 0 ? speeds / vehicles : 0;
}

void departures::measure() {
  for (lane_state const& s : w_.lanes) {
    std::uint32_t& at = past_of_[s.edge];
    if (s.cars.empty() || at != kNone) continue;
    at = static_cast<std::uint32_t>(past_.size());
    past_.push_back({s.edge, std::vector<double>(kSamples, speeds_[s.edge.index()])});
  }
  std::size_t const oldest = taken_++ % kSamples;
  for (samples& p : past_) {
    double const now = mean_speed(p.edge);
    speeds_[p.edge.index()] += (now - p.all[oldest]) / static_cast<double>(kSamples);
    p.all[oldest] = now;
  }
}

void departures::find_ways(std::size_t n, std::function<std::vector<edge_id>(std::size_t)> const& find) {
  found_.assign(n, {});
  team_.run(n, kSearchesATask, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) found_[i] = find(i);
  });
}

// In SUMO these are events, which happen in the tick in which their time lies; the vehicle enters in the tick after,
// where that is no tick's time.
void departures::choose() {
  std::vector<vehicle_id> const& who = trips_.who();
  std::size_t const first = next_;
  while (next_ < who.size() && w_.d->vehicles.depart_s[who[next_]] < w_.now_s + w_.dt - kTimeTolerance_s) ++next_;
  if (next_ == first) return;
  find_ways(next_ - first, [&](std::size_t i) { return trips_.way(*w_.d, who[first + i], speeds_); });
  for (std::size_t i = 0; i < found_.size(); ++i) {
    vehicle_id const v = who[first + i];
    range const now = entry_route(w_, v);
    auto const begin = w_.route_edges.begin() + now.begin, end = w_.route_edges.begin() + now.end;
    if (!found_[i].empty() && !std::equal(begin, end, found_[i].begin(), found_[i].end()))
      choose_entry_route(w_, v, found_[i]);
  }
}

// Who could not stop any more before the end of his edge keeps the next one.
std::vector<edge_id> departures::delayed_way(vehicle_id v) const {
  vehicle const& car = w_.cars[w_.changes.slot_of[v]];
  driver const& t = w_.type_of(car);
  bool const late =
      w_.lanes[car.lane].internal || car.pos > w_.lanes[car.lane].length_m - t.brake_gap(car.speed, t.decel, 0);
  std::uint32_t const kept = late && !car.on_last_edge() ? 2 : 1;
  return trips_.way(*w_.d, v, speeds_, {w_.route_edges.data() + car.route_at, kept});
}

void departures::after_step(std::span<vehicle_id const> entered) {
  std::vector<vehicle_id> late;
  for (vehicle_id const v : entered) {
    if (trips_.contains(v) && w_.now_s - w_.d->vehicles.depart_s[v] > kPatience_s + kTimeTolerance_s) late.push_back(v);
  }
  find_ways(late.size(), [&](std::size_t i) { return delayed_way(late[i]); });
  for (std::size_t i = 0; i < late.size(); ++i) {
    vehicle const& car = w_.cars[w_.changes.slot_of[late[i]]];
    auto const begin = w_.route_edges.begin() + car.route_at, end = w_.route_edges.begin() + car.route_end();
    if (!found_[i].empty() && !std::equal(begin, end, found_[i].begin(), found_[i].end()))
      change_route(w_, late[i], true, found_[i]);
  }
  if (next_sample_s_ >= w_.now_s + w_.dt - kTimeTolerance_s) return;
  next_sample_s_ += kSample_s;
  measure();
}

void departures::save(byte_writer& out) const {
  out.put(next_);
  out.put(next_sample_s_);
  out.put(taken_);
  out.put(speeds_);
  out.put(past_of_);
  out.put(std::uint64_t{past_.size()});
  for (samples const& p : past_) {
    out.put(p.edge);
    out.put(p.all);
  }
}

void departures::restore(byte_reader& in) {
  in.get(next_);
  in.get(next_sample_s_);
  in.get(taken_);
  in.get(speeds_);
  in.get(past_of_);
  past_.resize(in.count(1));
  for (samples& p : past_) {
    in.get(p.edge);
    in.get(p.all);
  }
}

}  // namespace gemeo::micro
