// Looks through a whole result file for what does not fit together. A dataset that cannot be read is one problem, not
// the end.
#include <fmt/core.h>

#include <cmath>
#include <functional>
#include <limits>

#include "sim/core/error.h"
#include "sim/results/reader_state.h"
#include "sim/results/schema.h"

namespace gemeo {

namespace {

constexpr std::size_t kMaxProblems = 50;

class finder {
 public:
  void check(bool ok, std::string problem) {
    if (!ok) add(std::move(problem));
  }
  void add(std::string problem) {
    if (problems.size() < kMaxProblems) problems.push_back(std::move(problem));
  }
  // Runs a part; an error(kInput) it throws is a problem found.
  void part(std::function<void()> const& look) {
    try {
      look();
    } catch (error const& e) {
      add(e.what());
    }
  }
  std::vector<std::string> problems;
};

void check_edges(result_file const& r, finder& found) {
  edge_series const axis = r.edge_intervals();
  for (std::size_t i = 0; i < axis.begin_s.size(); ++i) {
    found.check(std::isfinite(axis.begin_s[i]) && axis.begin_s[i] < axis.end_s[i],
                fmt::format("/edges/time: interval {} does not end after its begin", i));
    if (i > 0)
      found.check(axis.begin_s[i] > axis.begin_s[i - 1],
                  fmt::format("/edges/time: interval {} is not after the one before", i));
  }
  for (auto const& q : schema::edge_quantities()) {
    if (q.emission && !r.description().emissions) continue;
    found.part([&] {
      edge_series const s = r.edges(q.name);
      for (float const v : s.values) {
        if (!(v < 0) && !std::isinf(v)) continue;
        found.add(fmt::format("/edges/{}: has the value {}, which cannot be", q.name, v));
        break;
      }
    });
  }
  found.part([&] {
    for (float const v : r.edges("occupancy").values) {
      if (!(v > 100.01F)) continue;
      found.add(fmt::format("/edges/occupancy: {} % is more than all", v));
      break;
    }
  });
}

void check_trips(result_file const& r, finder& found) {
  std::size_t const vehicles = r.travellers().name.size();
  auto const trips = r.trips();
  std::vector<bool> seen(vehicles);
  for (std::size_t i = 0; i < trips.size(); ++i) {
    trip_record const& t = trips[i];
    if (t.vehicle.index() >= vehicles) {
      if (!r.growing())
        found.add(fmt::format("/trips/vehicle_id: row {} names vehicle {} of {}", i, t.vehicle.value, vehicles));
      continue;
    }
    found.check(!seen[t.vehicle.index()], fmt::format("/trips/vehicle_id: vehicle {} has two trips", t.vehicle.value));
    seen[t.vehicle.index()] = true;
    bool const sane = t.duration_s >= 0 && t.route_length_m >= 0 && t.time_loss_s > -1e3 && t.waiting_s >= 0;
    found.check(sane, fmt::format("/trips: row {} has a negative or missing duration, length or waiting time", i));
    found.check(t.state != trip_state::kArrived || t.arrival_s >= t.depart_s,
                fmt::format("/trips: row {} arrives before it departs", i));
  }
}

void check_trajectories(result_file const& r, finder& found) {
  std::size_t const steps = r.trajectory_steps();
  for (std::size_t i = 0; i < steps && found.problems.size() < kMaxProblems; ++i) {
    trajectory_step const t = r.trajectory(i);
    for (std::size_t k = 1; k < t.vehicle.size(); ++k) {
      if (t.vehicle[k - 1] < t.vehicle[k]) continue;
      found.add(fmt::format("/trajectories/vehicle_id: step {} is not sorted by vehicle", i));
      break;
    }
  }
}

void check_totals(result_file const& r, finder& found) {
  run_summary const s = r.summary();
  run_description const d = r.description();
  found.check(d.step_s > 0 && d.interval_s > 0 && d.begin_s <= d.end_s,
              "/meta: step, interval, begin and end do not make a run");
  if (!s.complete) return;
  found.check(s.total.departed == s.total.arrived + s.total.running || s.total.departed >= s.total.arrived,
              "/meta/departed: fewer departed than arrived");
}

}  // namespace

std::vector<std::string> validate_result(result_file const& r, h5::in_file const& f) {
  finder found;
  for (char const* g : schema::kGroups)
    found.check(f.has_group(std::string("/") + g), fmt::format("/{}: the group is missing", g));
  found.part([&] { check_totals(r, found); });
  found.part([&] { (void)r.read_network(); });
  found.part([&] { (void)r.closures(); });
  found.part([&] { check_edges(r, found); });
  found.part([&] { check_trips(r, found); });
  found.part([&] {
    traveller_table const t = r.travellers();
    for (stop_record const& b : r.stops()) {
      bool const known = b.stop.index() < t.stop_names.size() && b.vehicle.index() < t.name.size();
      found.check(known || r.growing(), fmt::format("/trips/stop_id: vehicle {} at stop {}, of {} stops",
                                                    b.vehicle.value, b.stop.value, t.stop_names.size()));
    }
  });
  found.part([&] {
    traveller_table const t = r.travellers();
    for (ride_record const& b : r.rides()) {
      bool const known = std::max(b.from.index(), b.to.index()) < t.stop_names.size() &&
                         (!b.vehicle.valid() || b.vehicle.index() < t.name.size()) &&
                         (t.passenger_names.empty() || b.passenger.index() < t.passenger_names.size());
      found.check(
          known || r.growing(),
          fmt::format("/trips/ride_from_stop_id: passenger {} from stop {} to stop {} in vehicle {}, of {} stops",
                      b.passenger.value, b.from.value, b.to.value, b.vehicle.value, t.stop_names.size()));
    }
  });
  found.part([&] {
    std::size_t const names = r.travellers().detector_names.size();
    for (detector_record const& d : r.detectors()) {
      found.check(d.detector.index() < names || r.growing(),
                  fmt::format("/detectors/detector_id: names detector {} of {}", d.detector.value, names));
    }
  });
  found.part([&] {
    std::size_t const names = r.travellers().area_names.size();
    for (area_record const& d : r.areas()) {
      found.check(d.area.index() < names || r.growing(),
                  fmt::format("{}/area_id: names area {} of {}", schema::kAreas, d.area.value, names));
    }
  });
  found.part([&] {
    for (kpi_row const& k : r.kpis()) found.check(!k.name.empty(), "/kpi/name: an indicator has no name");
  });
  found.part([&] { (void)r.log(); });
  found.part([&] { check_trajectories(r, found); });
  return found.problems;
}

}  // namespace gemeo
