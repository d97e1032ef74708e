#include "tests/unit/engine_sumo/plain_sumo.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <numeric>
#include <sstream>

namespace gemeo::test {

void plain_run::start(std::string_view element, xml_attributes const& a) {
  if (element == "interval") {
    begin_s = a.number("begin");
    in_emissions = a.text("id") == "e";
    if (a.find("nVehContrib")) {
      loops.push_back({std::string(a.text("id")), begin_s, static_cast<float>(a.number("nVehContrib")),
                       static_cast<float>(a.number("flow")), static_cast<float>(a.number("occupancy")),
                       static_cast<float>(a.number("speed"))});
    }
  } else if (element == "edge") {
    edge_row row{begin_s, std::string(a.text("id")), {}};
    for (char const** p = a.pairs(); *p != nullptr; p += 2) {
      if (auto const v = parse_number(p[1]); v && std::string_view(p[0]) != "id")
        row.values[p[0]] = static_cast<float>(*v);
    }
    (in_emissions ? emissions : edges).push_back(std::move(row));
  } else if (element == "tripinfo") {
    trips[std::string(a.text("id"))] = {a.number("depart"), a.number("arrival"), a.number("duration"),
                                        a.number("timeLoss"), a.number("routeLength")};
  } else if (element == "stopinfo") {
    std::string_view const place = a.find("busStop") ? a.text("busStop") : a.text("lane");
    stops.push_back({std::string(a.text("id")), std::string(place), a.number("started"), a.number("ended"),
                     a.number_or("delay", kNoDelay)});
  } else if (element == "teleports") {
    teleports = {a.integer("total"), a.integer("jam"), a.integer("yield"), a.integer("wrongLane")};
  } else if (element == "safety") {
    safety = {a.integer("collisions"), a.integer("emergencyStops")};
  } else if (element == "vehicles") {
    vehicles = {a.integer("inserted"), a.integer("running"), a.integer("waiting")};
  }
}

plain_run::plain_run(fs::path const& config, std::uint64_t seed, double interval_s, std::string const& additional,
                     temp_folder const& dir) {
  std::string const out = dir.path().string() + "/";
  std::string const up = "../../../../../../../../../../../../" + dir.path().relative_path().string() + "/";
  write_text(dir / "plain.add.xml",
             "<additional><edgeData id=\"t\" file=\"" + out + "t.xml\" period=\"" + std::to_string(interval_s) +
                 "\" excludeEmpty=\"true\"/><edgeData id=\"e\" type=\"emissions\" file=\"" + out + "e.xml\" period=\"" +
                 std::to_string(interval_s) + "\" excludeEmpty=\"true\"/></additional>");
  // SUMO puts the prefix before each file's own name, so our own files lie under the prefix twice removed.
  std::string const command =
      "SUMO_HOME=/usr/share/sumo nice sumo -c '" + config.string() + "' --seed " + std::to_string(seed) + " -a '" +
      additional + (additional.empty() ? "" : ",") + out + "plain.add.xml' --output-prefix '" + up +
      "' --tripinfo-output " + out + "trips.xml --tripinfo-output.write-unfinished --stop-output " + out +
      "stops.xml --statistic-output " + out +
      "stat.xml --gui-settings-file '' --no-step-log --duration-log.statistics > " + out + "log.txt 2>&1";
  REQUIRE(std::system(command.c_str()) == 0);
  for (char const* const name : {"t.xml", "e.xml", "trips.xml", "stops.xml", "stat.xml", "e1_output.xml"}) {
    if (fs::exists(dir / name)) read_xml(dir / name, *this);
  }
}

std::string additional_of(fs::path const& config) {
  std::string out;
  struct reader : xml_handler {
    std::string value;
    void start(std::string_view element, xml_attributes const& a) override {
      if (element == "additional-files") value = std::string(a.text("value"));
    }
    void end(std::string_view) override {}
  } r;
  read_xml(config, r);
  std::istringstream in(r.value);
  for (std::string name; std::getline(in, name, ',');)
    out += (out.empty() ? "" : ",") + (config.parent_path() / name).string();
  return out;
}

namespace {

bool same(float ours, plain_run::edge_row const& row, char const* name) {
  auto const it = row.values.find(name);
  if (it == row.values.end()) return std::isnan(ours);
  return ours == it->second;
}

}  // namespace

compared check_equal_to_plain_sumo(fs::path const& config, std::uint64_t seed, double interval_s) {
  temp_folder const dir;
  scenario const s = open_sumo_config(config);
  drive_options o = every(interval_s);
  o.run.seed = seed;
  outcome const ours = drive(s, o);
  plain_run const plain(config, seed, interval_s, additional_of(config), dir);

  std::map<std::pair<double, std::string>, plain_run::edge_row const*> by_edge, by_emission;
  for (auto const& row : plain.edges) by_edge[{row.begin_s, row.edge}] = &row;
  for (auto const& row : plain.emissions) by_emission[{row.begin_s, row.edge}] = &row;
  std::size_t rows = 0, wrong = 0;
  for (edge_interval const& i : ours.seen.edges) {
    for (std::size_t k = 0; k < i.size(); ++k, ++rows) {
      std::string const& name = s.net->edges.name[i.edge[k]];
      auto const t = by_edge.find({i.begin_s, name});
      REQUIRE(t != by_edge.end());
      auto const& row = *t->second;
      bool equal = same(i.entered[k], row, "entered") && same(i.left[k], row, "left") &&
                   same(i.departed[k], row, "departed") && same(i.arrived[k], row, "arrived") &&
                   same(i.sampled_s[k], row, "sampledSeconds") && same(i.travel_time_s[k], row, "traveltime") &&
                   same(i.density_veh_per_km[k], row, "density") && same(i.occupancy_pct[k], row, "occupancy") &&
                   same(i.waiting_s[k], row, "waitingTime") && same(i.time_loss_s[k], row, "timeLoss") &&
                   same(i.speed_mps[k], row, "speed");
      if (auto const e = by_emission.find({i.begin_s, name}); e != by_emission.end()) {
        equal = equal && same(i.co2_mg[k], *e->second, "CO2_abs") && same(i.nox_mg[k], *e->second, "NOx_abs") &&
                same(i.pmx_mg[k], *e->second, "PMx_abs") && same(i.fuel_mg[k], *e->second, "fuel_abs");
      }
      if (!equal) ++wrong;
    }
  }
  CHECK(rows == plain.edges.size());
  CHECK(rows > 0);
  CHECK(wrong == 0);

  std::size_t arrived = 0, plain_arrived = 0, trips_wrong = 0;
  double duration = 0, plain_duration = 0;
  for (trip_record const& t : ours.seen.trips) {
    if (t.state == trip_state::kNeverInserted) continue;
    auto const it = plain.trips.find(ours.seen.new_vehicle_names.at(t.vehicle.index()));
    REQUIRE(it != plain.trips.end());
    bool const equal = it->second.depart_s == t.depart_s && it->second.arrival_s == t.arrival_s &&
                       it->second.duration_s == t.duration_s && it->second.time_loss_s == t.time_loss_s &&
                       it->second.length_m == t.route_length_m;
    if (!equal) ++trips_wrong;
    if (t.arrival_s < 0) continue;
    ++arrived;
    duration += t.duration_s;
  }
  for (auto const& [name, t] : plain.trips) {
    if (t.arrival_s < 0) continue;
    ++plain_arrived;
    plain_duration += t.duration_s;
  }
  CHECK(trips_wrong == 0);
  CHECK(arrived == plain_arrived);
  CHECK(arrived == static_cast<std::size_t>(ours.total.arrived));
  CHECK(duration / static_cast<double>(arrived) ==
        Approx(plain_duration / static_cast<double>(plain_arrived)).epsilon(1e-12));

  auto const as_none = [](double delay_s) { return std::isnan(delay_s) ? plain_run::kNoDelay : delay_s; };
  std::vector<plain_run::stop_row> stops;
  for (stop_record const& r : ours.seen.stops) {
    stops.push_back({ours.seen.new_vehicle_names.at(r.vehicle.index()), ours.seen.new_stop_names.at(r.stop.index()),
                     r.started_s, r.ended_s, as_none(r.delay_s)});
  }
  std::sort(stops.begin(), stops.end());
  auto plain_stops = plain.stops;
  std::sort(plain_stops.begin(), plain_stops.end());
  CHECK(stops.size() == plain_stops.size());
  CHECK((stops == plain_stops));

  REQUIRE(ours.seen.detectors.size() == plain.loops.size());
  std::map<std::pair<std::string, double>, plain_run::loop_row const*> by_loop;
  for (auto const& row : plain.loops) by_loop[{row.id, row.begin_s}] = &row;
  std::size_t loops_wrong = 0;
  for (detector_record const& d : ours.seen.detectors) {
    auto const it = by_loop.find({ours.seen.new_detector_names.at(d.detector.index()), d.begin_s});
    REQUIRE(it != by_loop.end());
    auto const& row = *it->second;
    bool const same_speed = row.speed == d.speed_mps || (row.speed < 0 && std::isnan(d.speed_mps));
    bool const same_rest = row.count == d.count && row.flow == d.flow_veh_per_h && row.occupancy == d.occupancy_pct;
    if (!same_speed || !same_rest) ++loops_wrong;
  }
  CHECK(loops_wrong == 0);
  counters const& c = ours.total;
  CHECK(std::accumulate(ours.seen.trips.begin(), ours.seen.trips.end(), std::int64_t{0},
                        [](auto n, auto const& t) { return n + t.teleports; }) == c.teleports);
  CHECK(plain.teleports == std::vector{c.teleports, c.teleports_jam, c.teleports_yield, c.teleports_wrong_lane});
  CHECK(plain.safety == std::vector{c.collisions, c.emergency_stops});
  CHECK(plain.vehicles == std::vector{c.departed, c.running, c.backlog});

  // SUMO prints updates per second and, rounded to 10 ms, the duration: some whole number of updates must fit both.
  std::ifstream log(dir / "log.txt");
  double ups = 0, duration_s = 0;
  for (std::string line; std::getline(log, line);) {
    if (auto const at = line.find("UPS: "); at != std::string::npos) ups = std::stod(line.substr(at + 5));
    if (auto const at = line.find("Duration: "); at != std::string::npos && duration_s == 0)
      duration_s = std::stod(line.substr(at + 10));
  }
  double nearest = 1e9;
  for (double ms = std::round(duration_s * 1000) - 10; ms <= duration_s * 1000 + 10; ++ms) {
    nearest = std::min(nearest, std::abs(ups * ms / 1000 - static_cast<double>(ours.total.vehicle_updates)));
  }
  CHECK(nearest < 0.01);
  return {rows, arrived, stops.size(), ours.seen.detectors.size()};
}

}  // namespace gemeo::test
