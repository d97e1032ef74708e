#include "calibration/loop/simulate.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>

#include "calibration/loop/turn_times.h"
#include "calibration/loop/warm_up.h"
#include "sim/core/error.h"
#include "sim/run/loop.h"
#include "sim/run/run_folder.h"

namespace gemeo {

namespace {

class watcher_of_stations final : public run_sink {
 public:
  watcher_of_stations(scenario const& s, drawn_trips const& trips, std::vector<std::uint32_t> const& station_of,
                      turn_times* turns, double warm_up_s)
      : s_(s), trips_(trips), station_of_(station_of), turns_(turns), counted_from_s_(s.begin_s + warm_up_s) {}

  void begin(engine const&) override {}
  void observed(observations& o, double, double) override {
    for (crossing_record const& c : o.crossings) {
      if (c.detector.index() >= station_of_.size()) {
        turns_->passed(c);
        continue;
      }
      double const departed = s_.travellers->vehicles.depart_s[c.vehicle];
      out_.passings.push_back({trips_.cell[c.vehicle], station_of_[c.detector.index()], static_cast<float>(departed),
                               static_cast<float>(c.time_s)});
    }
    for (trip_record const& t : o.trips) note_trip(t);
    note_occupancy(o.detectors);
  }
  void sampled(frame const&) override {}
  void recorded(frame const&) override {}
  void commanded(double, command const&) override {}

  simulated take(loop_result const& l, std::size_t cells) {
    out_.complete = l.complete;
    out_.teleports = l.total.teleports;
    auto const n = static_cast<double>(std::max<std::int64_t>(1, out_.arrived));
    out_.mean_duration_s /= n;
    out_.mean_time_loss_s /= n;
    if (turns_ != nullptr) out_.times = turns_->take();
    out_.departures.assign(cells, 0);
    out_.kept_out.assign(cells, 0);
    for (std::size_t i = 0; i < trips_.cell.size(); ++i) {
      if (is_departure(vehicle_id(i))) ++out_.departures[trips_.cell[vehicle_id(i)]];
    }
    for (vehicle_id const v : kept_out_) {
      if (!is_departure(v)) continue;
      --out_.departures[trips_.cell[v]];
      ++out_.kept_out[trips_.cell[v]];
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool is_departure(vehicle_id v) const {
    return trips_.cell[v] != kNoCell && s_.travellers->vehicles.depart_s[v] >= counted_from_s_;
  }
  void note_occupancy(std::vector<detector_record> const& all) {  // a station's loops follow each other
    std::size_t loops = 0;
    for (detector_record const& d : all) {
      if (d.detector.index() >= station_of_.size()) continue;
      std::uint32_t const at = station_of_[d.detector.index()];
      auto& states = out_.states;
      if (states.empty() || states.back().station != at || states.back().begin_s != d.begin_s) {
        states.push_back({at, d.begin_s, d.end_s, 0});
        loops = 0;
      }
      ++loops;
      double& mean = states.back().occupancy;
      mean += (static_cast<double>(d.occupancy_pct) / 100 - mean) / static_cast<double>(loops);
    }
  }
  void note_trip(trip_record const& t) {
    if (s_.travellers->vehicles.depart_s[t.vehicle] < counted_from_s_) return;  // of the warm-up
    ++out_.trips;
    if (t.state == trip_state::kNeverInserted) {
      ++out_.never_inserted;
      kept_out_.push_back(t.vehicle);
    }
    if (t.state != trip_state::kArrived) return;
    ++out_.arrived;
    out_.mean_duration_s += t.duration_s;
    out_.mean_time_loss_s += t.time_loss_s;
  }

  scenario const& s_;
  drawn_trips const& trips_;
  std::vector<std::uint32_t> const& station_of_;
  turn_times* turns_;
  double counted_from_s_;
  simulated out_;
  std::vector<vehicle_id> kept_out_;
};

}  // namespace

simulated simulate_trips(scenario const& base, std::vector<count_station> const& stations, drawn_trips trips,
                         std::size_t cells, simulation_request const& r, stop_function const& stop_requested) {
  scenario s = base;
  s.sumo_config.clear();
  s.trips.reset();  // who chooses his way when he departs: of the base's travellers, and all drawn here have routes
  if (r.warm_up_s > 0) add_warm_up(trips, s.begin_s + r.warm_up_s, r.warm_up_s);
  s.travellers = std::make_shared<demand const>(std::move(trips.who));
  s.demand_hash = s.travellers->hash();
  std::vector<std::uint32_t> const station_of = place_loops(s, stations);
  run_folder const scratch({});
  run_options const o{.seed = r.seed,
                      .threads = r.threads,
                      .interval_s = r.times_interval_s,
                      .emissions = false,
                      .trips = true,
                      .queues = false,
                      .crossings = true,
                      .scratch = scratch.path()};
  run_request request;
  request.seed = r.seed;
  request.threads = r.threads;
  request.engine = r.engine;
  request.interval_s = r.times_interval_s;
  request.hash_interval_s = std::max(r.times_interval_s, s.end_s - s.begin_s);  // its frames are nobody's result
  std::optional<turn_times> turns;
  if (r.times)
    turns.emplace(s, r.times_interval_s,
                  std::max<std::size_t>(1, static_cast<std::size_t>(std::ceil(s.end_s / r.times_interval_s))));
  watcher_of_stations sink(s, trips, station_of, turns ? &*turns : nullptr, r.warm_up_s);
  auto const e = make_engine(r.engine);
  loop_result const l = run_loop(*e, s, o, request, sink, {}, stop_requested);
  return sink.take(l, cells);
}

std::vector<double> passings_by_slot(simulated const& s, std::size_t stations, double begin_s, double slot_s,
                                     std::size_t slots) {
  std::vector<double> n(stations * slots);
  for (passing const& p : s.passings) {
    double const at = std::floor((static_cast<double>(p.time_s) - begin_s) / slot_s);
    if (at >= 0 && at < static_cast<double>(slots)) n[p.station * slots + static_cast<std::size_t>(at)] += 1;
  }
  return n;
}

}  // namespace gemeo
