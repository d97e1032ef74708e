#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "sim/core/error.h"
#include "sim/results/reader.h"
#include "tests/support/made_result.h"

using namespace gemeo;
using namespace gemeo::test;
namespace fs = std::filesystem;

namespace {

struct scene {
  explicit scene(made_run const& r = {})
      : file(make_result(drawn_city().net(), dir / "run.h5", r, &data)), read(file) {}
  temp_folder dir;
  made_data data;
  fs::path file;
  result_file read;
};

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

}  // namespace

TEST_CASE("results: description and summary come back as they were written") {
  scene const s;
  run_description const a = s.data.description, b = s.read.description();
  CHECK(a.scenario_name == b.scenario_name);
  CHECK(a.scenario_text == b.scenario_text);
  CHECK(a.effective_config == b.effective_config);
  CHECK(a.attribution == b.attribution);
  CHECK(a.engine == b.engine);
  CHECK(a.commit == b.commit);
  CHECK(a.seed == b.seed);
  CHECK(a.network_hash == b.network_hash);
  CHECK(a.demand_hash == b.demand_hash);
  CHECK(a.begin_s == b.begin_s);
  CHECK(a.end_s == b.end_s);
  CHECK(a.interval_s == b.interval_s);
  CHECK(a.emissions == b.emissions);
  CHECK(a.trajectories == b.trajectories);
  CHECK(a.threads == b.threads);
  run_summary const x = s.data.summary, y = s.read.summary();
  CHECK(x.total.arrived == y.total.arrived);
  CHECK(x.total.vehicle_updates == y.total.vehicle_updates);
  CHECK(x.total.tick == y.total.tick);
  CHECK(x.total.time_s == y.total.time_s);
  CHECK(x.frame_hash == y.frame_hash);
  CHECK(x.wall_s == y.wall_s);
  CHECK(x.peak_rss_bytes == y.peak_rss_bytes);
  CHECK(y.complete);
}

TEST_CASE("results: every edge value of every interval comes back, and NaN where nothing was measured") {
  scene const s;
  std::size_t values = 0, gaps = 0;
  auto const compare = [&](char const* name, std::vector<float> edge_interval::*field) {
    edge_series const read = s.read.edges(name);
    REQUIRE(read.begin_s.size() == s.data.intervals.size());
    REQUIRE(read.edges == drawn_city().net().edge_count());
    CHECK_FALSE(read.unit.empty());
    for (std::size_t i = 0; i < s.data.intervals.size(); ++i) {
      edge_interval const& written = s.data.intervals[i].edges.front();
      CHECK(read.begin_s[i] == written.begin_s);
      CHECK(read.end_s[i] == written.end_s);
      std::size_t k = 0;
      for (std::size_t e = 0; e < read.edges; ++e) {
        float expected = std::numeric_limits<float>::quiet_NaN();
        if (k < written.edge.size() && written.edge[k].index() == e) expected = (written.*field)[k++];
        if (!same(static_cast<double>(read.at(i, edge_id(e))), static_cast<double>(expected)))
          FAIL(name << " of edge " << e);
        ++(std::isnan(expected) ? gaps : values);
      }
    }
  };
  compare("sampled_seconds", &edge_interval::sampled_s);
  compare("travel_time", &edge_interval::travel_time_s);
  compare("density", &edge_interval::density_veh_per_km);
  compare("occupancy", &edge_interval::occupancy_pct);
  compare("waiting_time", &edge_interval::waiting_s);
  compare("time_loss", &edge_interval::time_loss_s);
  compare("speed", &edge_interval::speed_mps);
  compare("departed", &edge_interval::departed);
  compare("arrived", &edge_interval::arrived);
  compare("entered", &edge_interval::entered);
  compare("left", &edge_interval::left);
  compare("CO2", &edge_interval::co2_mg);
  compare("NOx", &edge_interval::nox_mg);
  compare("PMx", &edge_interval::pmx_mg);
  compare("fuel", &edge_interval::fuel_mg);
  CHECK(values > 1000);
  CHECK(gaps > 1000);
  CHECK(s.read.edge_quantities().size() == 17);
}

TEST_CASE("results: queues lie beside the edge values of their interval") {
  scene const s;
  edge_series const mean = s.read.edges("mean_queue"), longest = s.read.edges("max_queue");
  for (std::size_t i = 0; i < s.data.intervals.size(); ++i) {
    for (queue_record const& q : s.data.intervals[i].queues) {
      CHECK(mean.at(i, q.edge) == q.mean_queue_m);
      CHECK(longest.at(i, q.edge) == q.max_queue_m);
    }
  }
}

TEST_CASE("results: without emissions there are no emission datasets") {
  made_run r;
  r.emissions = false;
  scene const s(r);
  auto const names = s.read.edge_quantities();
  CHECK(std::find(names.begin(), names.end(), "CO2") == names.end());
  CHECK(std::find(names.begin(), names.end(), "speed") != names.end());
  CHECK_THROWS_AS(s.read.edges("CO2"), error);
}

TEST_CASE("results: trips, stops, rides, detectors and indicators come back record by record") {
  scene const s;
  std::vector<trip_record> written;
  std::vector<stop_record> stops;
  std::vector<ride_record> rides;
  std::vector<detector_record> detectors;
  std::vector<area_record> areas;
  for (observations const& o : s.data.intervals) {
    written.insert(written.end(), o.trips.begin(), o.trips.end());
    stops.insert(stops.end(), o.stops.begin(), o.stops.end());
    rides.insert(rides.end(), o.rides.begin(), o.rides.end());
    detectors.insert(detectors.end(), o.detectors.begin(), o.detectors.end());
    areas.insert(areas.end(), o.areas.begin(), o.areas.end());
  }
  auto const read = s.read.trips();
  REQUIRE(read.size() == written.size());
  REQUIRE(read.size() == 400);
  for (std::size_t i = 0; i < read.size(); ++i) {
    trip_record const &a = written[i], &b = read[i];
    bool const equal = a.vehicle == b.vehicle && a.state == b.state && a.depart_s == b.depart_s &&
                       a.depart_delay_s == b.depart_delay_s && a.arrival_s == b.arrival_s &&
                       a.duration_s == b.duration_s && a.route_length_m == b.route_length_m &&
                       a.waiting_s == b.waiting_s && a.stop_time_s == b.stop_time_s && a.time_loss_s == b.time_loss_s &&
                       a.waiting_count == b.waiting_count && a.reroutes == b.reroutes && a.teleports == b.teleports &&
                       a.co2_mg == b.co2_mg && a.nox_mg == b.nox_mg && a.pmx_mg == b.pmx_mg && a.fuel_mg == b.fuel_mg;
    if (!equal) FAIL("trip " << i);
  }
  auto const read_stops = s.read.stops();
  REQUIRE(read_stops.size() == stops.size());
  REQUIRE(stops.size() > 10);
  for (std::size_t i = 0; i < stops.size(); ++i) {
    CHECK(read_stops[i].vehicle == stops[i].vehicle);
    CHECK(read_stops[i].stop == stops[i].stop);
    CHECK(read_stops[i].delay_s == stops[i].delay_s);
  }
  auto const read_rides = s.read.rides();
  REQUIRE(read_rides.size() == rides.size());
  REQUIRE(rides.size() > 10);
  std::vector<std::string> const people = s.read.travellers().passenger_names;
  REQUIRE(people.size() == 400);
  CHECK(people[19] == "person 19");
  std::size_t alone = 0;
  for (std::size_t i = 0; i < rides.size(); ++i) {
    ride_record const &a = rides[i], &b = read_rides[i];
    CHECK(a.passenger == b.passenger);
    CHECK(a.from == b.from);
    CHECK(a.to == b.to);
    CHECK(a.vehicle == b.vehicle);
    CHECK(a.waits_since_s == b.waits_since_s);
    CHECK(a.departed_s == b.departed_s);
    CHECK(a.arrived_s == b.arrived_s);
    alone += b.vehicle.valid() ? 0 : 1;
  }
  CHECK(alone > 2);
  auto const read_detectors = s.read.detectors();
  REQUIRE(read_detectors.size() == detectors.size());
  CHECK(read_detectors[1].begin_s == detectors[1].begin_s);
  CHECK(read_detectors[1].occupancy_pct == detectors[1].occupancy_pct);
  auto const read_areas = s.read.areas();
  REQUIRE(read_areas.size() == areas.size());
  CHECK(read_areas[1].begin_s == areas[1].begin_s);
  CHECK(read_areas[1].most_jam_m == areas[1].most_jam_m);
  auto const kpis = s.read.kpis();
  REQUIRE(kpis.size() == s.data.kpis.size());
  for (std::size_t i = 0; i < kpis.size(); ++i) {
    CHECK(kpis[i].name == s.data.kpis[i].name);
    CHECK(kpis[i].unit == s.data.kpis[i].unit);
    CHECK(kpis[i].group == s.data.kpis[i].group);
    CHECK(kpis[i].key == s.data.kpis[i].key);
    CHECK(same(kpis[i].value, s.data.kpis[i].value));
  }
}

TEST_CASE("results: travellers come back by vehicle id, also those that turned up during the run") {
  temp_folder const dir;
  made_data m = make_data(drawn_city().net(), {});
  std::string const long_name(200, 'x');
  {
    result_writer w(dir / "run.h5", m.description, drawn_city().net(), m.travellers);
    observations o;
    o.new_vehicle_names = {"flow.0", long_name};
    o.new_detector_names = {"loop_2"};
    o.new_area_names = {"queue_2"};
    o.new_stop_names = {"Third"};
    w.append(o);
    run_summary end;
    end.complete = true;
    w.finish(end);
  }
  traveller_table const &a = m.travellers, b = result_file(dir / "run.h5").travellers();
  std::size_t const n = a.name.size();
  REQUIRE(b.name.size() == n + 2);
  CHECK(std::equal(a.name.begin(), a.name.end(), b.name.begin()));
  CHECK(std::equal(a.purpose.begin(), a.purpose.end(), b.purpose.begin()));
  CHECK(std::equal(a.line.begin(), a.line.end(), b.line.begin()));
  CHECK(std::equal(a.planned_depart_s.begin(), a.planned_depart_s.end(), b.planned_depart_s.begin()));
  CHECK(b.name[n] == "flow.0");
  CHECK(b.name[n + 1].substr(0, 47) == long_name.substr(0, 47));
  CHECK(b.name[n + 1].size() == 64);
  CHECK(b.purpose[n].empty());
  CHECK(std::isnan(b.planned_depart_s[n]));
  CHECK(b.zone_names == a.zone_names);
  CHECK(b.edge_zone == a.edge_zone);
  CHECK(b.stop_names == std::vector<std::string>{"First", "Second", "Third"});
  CHECK(b.detector_names == std::vector<std::string>{"loop_1", "loop_2"});
  CHECK(b.area_names == std::vector<std::string>{"queue_1", "queue_2"});
  CHECK(b.signal_names == std::vector<std::string>{"F", "G"});
}

TEST_CASE("results: a table the run does not have comes back empty") {
  temp_folder const dir;
  made_run r;
  r.vehicles = 3;
  made_data m = make_data(drawn_city().net(), r);
  traveller_table t;
  t.name = m.travellers.name;
  result_writer w(dir / "run.h5", m.description, drawn_city().net(), t);
  run_summary end;
  end.complete = true;
  w.finish(end);
  traveller_table const b = result_file(dir / "run.h5").travellers();
  CHECK(b.name == t.name);
  CHECK(b.purpose.empty());
  CHECK(b.planned_depart_s.empty());
  CHECK(b.edge_zone.empty());
  CHECK(result_file(dir / "run.h5").trips().empty());
  CHECK(result_file(dir / "run.h5").validate().empty());
}

TEST_CASE("results: the road network comes back without the .net.xml") {
  scene const s;
  network const& net = drawn_city().net();
  result_network const r = s.read.read_network();
  REQUIRE(r.name.size() == net.edge_count());
  REQUIRE(r.lane_edge.size() == net.lane_count());
  CHECK(r.name.raw() == net.edges.name.raw());
  CHECK(r.junction_name == net.junctions.name.raw());
  for (std::size_t i = 0; i < net.edge_count(); ++i) {
    edge_id const e(i);
    CHECK(r.length_m[e] == static_cast<float>(net.length_m(e)));
    CHECK(r.lanes[e] == net.edges.lanes[e].size());
    CHECK(r.lane_begin[e] == net.edges.lanes[e].begin);
    CHECK(r.from[e] == net.edges.from[e].value);
  }
  for (std::size_t i = 0; i < net.lane_count(); ++i) {
    auto const shape = net.shape(lane_id(i));
    range const g = r.lane_shape[lane_id(i)];
    REQUIRE(g.size() == shape.size());
    CHECK(r.points[g.begin].x == shape.front().x);
    CHECK(r.points[g.end - 1].y == shape.back().y);
  }
}

TEST_CASE("results: closures, cautions and titles in two languages come back; a file without them reads as before") {
  temp_folder const dir;
  made_run r;
  r.edit = [](made_data& d) {
    d.travellers.closures = {{edge_id(3U), 25200, 28800}, {edge_id(3U), 30000, 31800}, {edge_id(5U), 25200, 25260}};
    d.description.caution = "approximate";
    d.description.caution_pt = "aproximada";
    d.description.time_zone = "Europe/Lisbon";
    d.description.attribution_pt = "dados";
    d.description.scenario_title_pt = "Título";
  };
  result_file const f(make_result(drawn_city().net(), dir / "run.h5", r));
  run_description const d = f.description();
  CHECK(d.caution == "approximate");
  CHECK(d.caution_pt == "aproximada");
  CHECK(d.time_zone == "Europe/Lisbon");
  CHECK(d.attribution_pt == "dados");
  CHECK(d.scenario_title_pt == "Título");
  closure_windows const w = f.closures();
  CHECK(w.rows.size() == 3);
  CHECK(w.of(edge_id(3U)).size() == 2);
  CHECK(w.of(edge_id(4U)).empty());
  CHECK(w.at(edge_id(3U), 25200));
  CHECK_FALSE(w.at(edge_id(3U), 28800));
  CHECK_FALSE(w.at(edge_id(2U), 26000));
  CHECK(w.at(edge_id(3U), 30000));
  CHECK(w.half_of(edge_id(3U), 21600, 28800));
  CHECK_FALSE(w.half_of(edge_id(3U), 21599, 28800));
  CHECK(w.half_of(edge_id(3U), 21600, 32400));  // both together: 5,400 of 10,800 s
  CHECK_FALSE(w.half_of(edge_id(3U), 21599, 32400));
  CHECK_FALSE(w.half_of(edge_id(2U), 0, 90000));
  CHECK(f.validate().empty());
  scene const s;
  CHECK(s.read.closures().rows.empty());
  CHECK_FALSE(s.read.closures().at(edge_id(0U), 26000));
}

TEST_CASE("results: the centre line of a road of two lanes runs between them") {
  scene const s;
  result_network const r = s.read.read_network();
  edge_id const e = drawn_city().net().find_edge("FG").value();
  REQUIRE(r.lanes[e] == 2);
  lane_id const right(r.lane_begin[e]), left(r.lane_begin[e] + 1);
  auto const y = [&](range g) { return static_cast<double>(r.points[g.begin].y); };
  CHECK(y(r.shape[e]) == Approx((y(r.lane_shape[right]) + y(r.lane_shape[left])) / 2));
}

TEST_CASE("results: trajectories come back within half a step of their quantisation") {
  made_run r;
  r.trajectories = true;
  scene const s(r);
  REQUIRE(s.read.trajectory_steps() == s.data.frames.size());
  auto const times = s.read.trajectory_times();
  std::size_t teleporting = 0;
  for (std::size_t i = 0; i < s.data.frames.size(); i += 7) {
    frame const& f = s.data.frames[i];
    trajectory_step const t = s.read.trajectory(i);
    CHECK(t.time_s == f.time_s);
    CHECK(times[i] == f.time_s);
    REQUIRE(t.vehicle == f.vehicle);
    REQUIRE(t.lane == f.lane);
    for (std::size_t k = 0; k < f.size(); ++k) {
      if (std::abs(t.pos_m[k] - f.pos_m[k]) > 0.0501F || std::abs(t.speed_mps[k] - f.speed_mps[k]) > 0.00501F)
        FAIL("step " << i);
      if (!f.lane[k].valid()) {
        ++teleporting;
        CHECK_FALSE(t.edge[k].valid());
      } else if (t.edge[k] != drawn_city().net().lanes.edge[f.lane[k]]) {
        FAIL("edge of vehicle " << f.vehicle[k].value);
      }
    }
  }
  CHECK(teleporting > 0);
  CHECK_THROWS_AS(s.read.trajectory(s.data.frames.size()), error);
}

TEST_CASE("results: a vehicle-second of trajectories takes less than 12 bytes on disk") {
  temp_folder const dir;
  made_run r;
  r.vehicles = 3000;
  auto const without = fs::file_size(make_result(drawn_city().net(), dir / "without.h5", r));
  r.trajectories = true;
  made_data d;
  auto const with = fs::file_size(make_result(drawn_city().net(), dir / "with.h5", r, &d));
  std::size_t rows = 0;
  for (frame const& f : d.frames) rows += f.size();
  REQUIRE(rows > 300000);
  double const bytes = static_cast<double>(with - without) / static_cast<double>(rows);
  CAPTURE(bytes, rows);
  CHECK(bytes < 12);
  CHECK(bytes > 1);  // they are there
}

TEST_CASE("results: log lines keep their time and length, whatever their length") {
  temp_folder const dir;
  made_data m = make_data(drawn_city().net(), {});
  std::string const long_line = std::string(239, 'a') + "ção " + std::string(500, 'b');
  result_writer w(dir / "run.h5", m.description, drawn_city().net(), m.travellers);
  w.log(1, "short");
  w.log(2, long_line);
  w.log(3, "");
  w.log(4, std::string(240, 'c'));
  observations o;
  o.messages = {{7, "Warning: from the engine"}};
  w.append(o);
  run_summary end;
  end.complete = true;
  w.finish(end);
  auto const lines = result_file(dir / "run.h5").log();
  REQUIRE(lines.size() == 5);
  CHECK(lines[0] == std::pair<double, std::string>(1, "short"));
  CHECK(lines[1] == std::pair<double, std::string>(2, long_line));
  CHECK(lines[2] == std::pair<double, std::string>(3, ""));
  CHECK(lines[3].second.size() == 240);
  CHECK(lines[4] == std::pair<double, std::string>(7, "Warning: from the engine"));
}

TEST_CASE("results: a sound file has no problems") {
  made_run r;
  r.trajectories = true;
  scene const s(r);
  auto const problems = s.read.validate();
  CHECK(problems == std::vector<std::string>{});
}

TEST_CASE("results: only a run that reached its end gets its final name") {
  temp_folder const dir;
  made_run r;
  r.complete = false;
  fs::path const file = make_result(drawn_city().net(), dir / "run.h5", r);
  CHECK(file == dir / "run.h5.partial");
  CHECK_FALSE(fs::exists(dir / "run.h5"));
  result_file const read(file);
  CHECK_FALSE(read.summary().complete);
  CHECK_FALSE(read.growing());
  CHECK(read.trips().size() == 400);
  make_result(drawn_city().net(), dir / "run.h5");
  CHECK(fs::exists(dir / "run.h5"));
  CHECK_FALSE(fs::exists(dir / "run.h5.partial"));
}

TEST_CASE("results: two variants of one seed differ only by what the variant changes") {
  temp_folder const dir;
  made_run base, closed;
  closed.scenario = "closed";
  closed.closed = "FG";
  result_file const a(make_result(drawn_city().net(), dir / "a.h5", base)),
      b(make_result(drawn_city().net(), dir / "b.h5", closed));
  CHECK(a.travellers().planned_depart_s == b.travellers().planned_depart_s);
  edge_id const e = drawn_city().net().find_edge("FG").value();
  CHECK(b.edges("entered").at(0, e) == 0.0F);
  CHECK(a.edges("entered").at(0, e) + a.edges("entered").at(1, e) > 0.0F);
}
