#include "sim/results/kpi.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "sim/results/queue_sampler.h"
#include "tests/support/made_result.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

struct drive {
  tiny_network drawn{"A-----B-----C\n", {.cell_m = 50}};
  network const& net = *drawn.net;
  run_description run;
  traveller_table people;
  observations seen;
  counters total;

  drive() {
    run.begin_s = 7 * 3600;
    run.end_s = 9 * 3600;
    run.emissions = true;
    total.time_s = run.end_s;
  }
  std::uint32_t person(char const* purpose, char const* zone, double planned, char const* line = "") {
    people.name.push_back("v" + std::to_string(people.name.size()));
    people.type.emplace_back("car");
    people.mode.emplace_back(*line != '\0' ? "bus" : "car");
    people.purpose.emplace_back(purpose);
    people.from_zone.emplace_back(zone);
    people.to_zone.emplace_back("z");
    people.line.emplace_back(line);
    people.planned_depart_s.push_back(planned);
    return static_cast<std::uint32_t>(people.name.size() - 1);
  }
  trip_record& trip(std::uint32_t vehicle, double duration, trip_state state = trip_state::kArrived) {
    trip_record t;
    t.vehicle = vehicle_id(vehicle);
    t.state = state;
    t.depart_s = state == trip_state::kNeverInserted ? -1 : people.planned_depart_s[vehicle];
    t.duration_s = duration;
    t.arrival_s = state == trip_state::kArrived ? t.depart_s + duration : -1;
    t.route_length_m = duration * 10;
    t.time_loss_s = duration / 4;
    t.waiting_count = 2;
    t.co2_mg = 1e6F;
    seen.trips.push_back(t);
    return seen.trips.back();
  }
  [[nodiscard]] std::vector<kpi_row> rows() const {
    kpi_collector k(net, people, run);
    k.add(seen);
    return k.rows(total);
  }
};

double value(std::vector<kpi_row> const& rows, std::string const& name, std::string const& group = "all",
             std::string const& key = "") {
  for (kpi_row const& r : rows) {
    if (r.name == name && r.group == group && r.key == key) return r.value;
  }
  FAIL("no indicator " << name << " of " << group << " " << key);
  return 0;
}

bool has(std::vector<kpi_row> const& rows, std::string const& name, std::string const& group) {
  return std::any_of(rows.begin(), rows.end(), [&](kpi_row const& r) { return r.name == name && r.group == group; });
}

}  // namespace

TEST_CASE("kpi: means are over arrived trips, totals over all that entered, shares over all that wanted to go") {
  drive d;
  for (double const t : {100.0, 200.0, 300.0}) d.trip(d.person("work", "a", 7.1 * 3600), t);
  d.trip(d.person("leisure", "b", 8.5 * 3600), 1000, trip_state::kRunning);
  d.trip(d.person("leisure", "b", 8.9 * 3600), 0, trip_state::kNeverInserted);
  d.total.departed = 4;
  d.total.backlog = 1;
  d.seen.trips.front().teleports = 3;  // one of four that entered
  auto const r = d.rows();
  CHECK(value(r, "trips") == 5);
  CHECK(value(r, "arrived") == 3);
  CHECK(value(r, "mean_travel_time") == Approx(200));
  CHECK(value(r, "p95_travel_time") == Approx(290));  // 200 + 0.9 * 100
  CHECK(value(r, "mean_delay") == Approx(50));
  CHECK(value(r, "mean_stops") == Approx(2));
  CHECK(value(r, "vehicle_hours") == Approx(1600.0 / 3600));
  CHECK(value(r, "vehicle_km") == Approx(16));
  CHECK(value(r, "total_delay") == Approx(400.0 / 3600));
  CHECK(value(r, "mean_speed") == Approx(10));
  CHECK(value(r, "co2") == Approx(4));
  CHECK(value(r, "share_never_inserted") == Approx(0.2));
  CHECK(value(r, "share_unfinished") == Approx(0.2));
  CHECK(value(r, "share_teleported") == Approx(0.25));
}

TEST_CASE("kpi: every group's rows come from its own trips, with its own shares") {
  drive d;
  d.trip(d.person("work", "a", 7.1 * 3600), 100).teleports = 2;
  d.trip(d.person("work", "b", 8.1 * 3600), 300);
  d.trip(d.person("leisure", "b", 8.2 * 3600), 500);
  d.trip(d.person("leisure", "b", 8.3 * 3600), 0, trip_state::kNeverInserted);
  d.total.backlog = 1;
  auto const r = d.rows();
  CHECK(value(r, "mean_travel_time", "purpose", "work") == Approx(200));
  CHECK(value(r, "mean_travel_time", "purpose", "leisure") == Approx(500));
  CHECK(value(r, "share_never_inserted", "purpose", "leisure") == Approx(0.5));
  CHECK(value(r, "share_never_inserted", "purpose", "work") == 0);
  CHECK(value(r, "mean_travel_time", "zone", "a") == Approx(100));
  CHECK(value(r, "trips", "zone", "b") == 3);
  CHECK(value(r, "mean_travel_time", "hour", "07") == Approx(100));
  CHECK(value(r, "mean_travel_time", "hour", "08") == Approx(400));
  CHECK(value(r, "trips", "mode", "car") == 4);
  CHECK(value(r, "share_teleported") == Approx(1.0 / 3));  // of those that entered
  CHECK(value(r, "share_teleported", "mode", "car") == Approx(1.0 / 3));
  CHECK(value(r, "share_teleported", "purpose", "work") == Approx(0.5));
  CHECK(value(r, "share_teleported", "purpose", "leisure") == 0);
  CHECK(value(r, "share_teleported", "zone", "a") == 1);
  CHECK(value(r, "share_teleported", "zone", "b") == 0);
  CHECK(value(r, "share_teleported", "hour", "07") == 1);
  CHECK(value(r, "share_teleported", "hour", "08") == 0);
}

TEST_CASE("kpi: what was due in the warm-up is left out") {
  drive d;
  d.run.warm_up_s = 1800;
  d.trip(d.person("work", "a", 7.1 * 3600), 1000).teleports = 1;
  d.trip(d.person("work", "a", 8.1 * 3600), 100);
  d.seen.queues.push_back({edge_id(std::uint32_t{0}), 7 * 3600, 7 * 3600 + 900, 50, 90});
  auto const r = d.rows();
  CHECK(value(r, "trips") == 1);
  CHECK(value(r, "mean_travel_time") == Approx(100));
  CHECK(value(r, "share_teleported") == 0);
  CHECK_FALSE(has(r, "mean_queue", "approach"));
}

TEST_CASE("kpi: stops without a timetable are served, but neither late nor on time") {
  drive d;
  std::uint32_t const bus = d.person("bus", "", 7.2 * 3600, "20");
  d.trip(bus, 2000);
  double const none = std::numeric_limits<double>::quiet_NaN();
  d.seen.stops.push_back({vehicle_id(bus), stop_id(std::uint32_t{0}), 7.3 * 3600, 7.3 * 3600 + 20, none});
  auto const r = d.rows();
  CHECK(value(r, "bus_stops_served") == 1);
  CHECK(value(r, "bus_stops_served", "line", "20") == 1);
  CHECK_FALSE(has(r, "bus_mean_delay", "all"));
  CHECK_FALSE(has(r, "bus_on_time_share", "line"));
}

TEST_CASE("kpi: passengers are carried, left waiting or on their way; who never left says nothing of the mean wait") {
  drive d;
  std::uint32_t const bus = d.person("bus", "", 7.2 * 3600, "20");
  stop_id const a(std::uint32_t{0}), b(std::uint32_t{1});
  auto const ride = [&](bool taken, double since, double departed, double arrived) {
    vehicle_id const by = taken ? vehicle_id(bus) : vehicle_id();
    d.seen.rides.push_back({passenger_id(d.seen.rides.size()), a, b, by, since, departed, arrived});
  };
  CHECK_FALSE(has(d.rows(), "bus_passengers_carried", "all"));
  ride(true, 7.3 * 3600, 7.3 * 3600 + 100, 7.4 * 3600);
  ride(true, 7.3 * 3600, 7.3 * 3600 + 200, -1);
  ride(true, 7.3 * 3600, -1, -1);  // aboard, but the bus stands
  ride(false, 7.3 * 3600, -1, -1);
  auto const r = d.rows();
  CHECK(value(r, "bus_passengers_carried") == 1);
  CHECK(value(r, "bus_passengers_left_waiting") == 1);
  CHECK(value(r, "bus_passengers_mean_wait") == 150);
}

TEST_CASE("kpi: buses count in totals, not in the travellers' means; their punctuality is a row of its own") {
  drive d;
  std::uint32_t const bus = d.person("bus", "", 7.2 * 3600, "20");
  d.trip(bus, 2000);
  d.trip(d.person("work", "a", 7.1 * 3600), 100);
  vehicle_id const b(bus);
  stop_id const s(std::uint32_t{0});
  for (double const delay : {-90.0, 0.0, 100.0, 400.0})
    d.seen.stops.push_back({b, s, 7.3 * 3600, 7.3 * 3600 + 20, delay});
  d.seen.stops.push_back({b, s, 7.4 * 3600, 7.4 * 3600 + 20, std::numeric_limits<double>::quiet_NaN()});
  auto const r = d.rows();
  CHECK(value(r, "mean_travel_time") == Approx(100));
  CHECK(value(r, "arrived") == 2);
  CHECK(value(r, "mean_travel_time", "mode", "bus") == Approx(2000));
  CHECK(value(r, "bus_mean_delay") == Approx(102.5));
  CHECK(value(r, "bus_on_time_share", "line", "20") == Approx(0.5));  // early by 90 s and late by 400 s are not
  CHECK(value(r, "bus_stops_served") == 5);                           // one of them without a timetable
}

TEST_CASE("kpi: the commute of ISO 37120 is of arrived trips to work, from the wish to leave, in minutes") {
  drive d;
  d.trip(d.person("work", "a", 7.1 * 3600), 600).depart_delay_s = 120;
  d.trip(d.person("work", "a", 7.1 * 3600), 1200).depart_delay_s = 0;
  d.trip(d.person("leisure", "a", 7.1 * 3600), 6000);
  CHECK(value(d.rows(), "iso37120_19_7_commute_time") == Approx(16));
}

TEST_CASE("kpi: vehicles held back without a record of their own are missing all the same") {
  drive d;
  d.trip(d.person("work", "a", 7.1 * 3600), 100);
  d.total.backlog = 3;
  auto const r = d.rows();
  CHECK(value(r, "trips") == 4);
  CHECK(value(r, "share_never_inserted") == Approx(0.75));
}

TEST_CASE("kpi: a run without a table of travellers gets its overall indicators") {
  drive d;
  d.person("work", "a", 7.1 * 3600);
  d.trip(0, 100);
  d.people = {};
  auto const r = d.rows();
  CHECK(value(r, "mean_travel_time") == Approx(100));
  CHECK_FALSE(has(r, "trips", "purpose"));
  CHECK(value(r, "trips", "hour", "07") == 1);
}

TEST_CASE("kpi: emissions on a zone's roads are those of its edges") {
  drive d;
  d.people.zone_names = {"here", "there"};
  d.people.edge_zone.assign(d.net.edge_count(), 0xffffffffU);
  edge_id const ab = d.net.find_edge("AB").value();
  d.people.edge_zone[ab.index()] = 1;
  edge_interval i;
  i.begin_s = d.run.begin_s;
  i.end_s = i.begin_s + 900;
  i.edge = {ab, d.net.find_edge("BC").value()};
  std::sort(i.edge.begin(), i.edge.end());
  i.co2_mg = i.nox_mg = i.pmx_mg = {2e6F, 2e6F};
  d.seen.edges.push_back(i);
  CHECK(value(d.rows(), "co2_on_roads", "zone", "there") == Approx(2));
  CHECK(value(d.rows(), "co2_on_roads", "zone", "here") == 0);
}

TEST_CASE("queue: reaches from the stop line back to the last standing vehicle without a gap of more than 30 m") {
  tiny_network const t("A-----B-----C\n", {.cell_m = 50});
  edge_id const ab = t.net->find_edge("AB").value();
  lane_id const lane(t.net->edges.lanes[ab].begin);
  float const length = t.net->lanes.length_m[lane];
  queue_sampler q(*t.net);
  auto const sample = [&](std::vector<std::pair<float, float>> const& from_end_and_speed) {
    frame f;
    std::uint32_t v = 0;
    for (auto const& [from_end, speed] : from_end_and_speed) {
      f.vehicle.push_back(vehicle_id(v++));
      f.lane.push_back(lane);
      f.pos_m.push_back(length - from_end);
      f.speed_mps.push_back(speed);
    }
    q.add(f);
  };
  auto const taken = [&] {
    auto const all = q.take(0, 60);
    auto const at = std::find_if(all.begin(), all.end(), [&](queue_record const& r) { return r.edge == ab; });
    REQUIRE(at != all.end());
    return *at;
  };
  sample({{2, 0}, {9.5F, 0.5F}, {17, 1.3F}, {60, 0}});  // the last stands 43 m behind
  CHECK(taken().max_queue_m == Approx(17).margin(0.01));
  sample({{40, 0}, {47, 0}});  // nobody near the stop line
  CHECK(taken().max_queue_m == 0);
  sample({{2, 0}, {10, 5}, {20, 0}});  // one that drives does not break the queue behind it
  CHECK(taken().max_queue_m == Approx(20).margin(0.01));
  sample({{2, 0}, {10, 0}});
  sample({});
  CHECK(taken().mean_queue_m == Approx(5).margin(0.01));
  CHECK(q.take(60, 120).empty());  // no sample, no queue
}
