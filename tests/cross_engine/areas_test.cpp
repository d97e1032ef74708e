// Lane-area detectors: both engines see the same vehicles, halts and jams on the same stretches of road.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <limits>
#include <sstream>
#include <tuple>

#include "sim/engine_tbb/engine_tbb.h"
#include "tests/cross_engine/compare.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

void watch(drawn_scenario& t, std::string_view lanes, double begin_m, double end_m, double jam_s = 1) {
  lane_area a;
  a.name = fmt::format("{} {} {}", lanes, begin_m, jam_s);
  std::istringstream in{std::string(lanes)};
  std::vector<lane_id> all;
  for (std::string l; in >> l;) all.push_back(t.lane(l));
  a.lanes = with_internal_lanes(*t.map.net, all);
  REQUIRE(a.lanes.size() >= all.size());
  a.begin_m = begin_m;
  a.end_m = end_m;
  a.jam_s = jam_s;
  t.ready.areas.push_back(a);
}

struct column_of {
  char const* name;
  float area_record::*field;
  double margin;  // SUMO writes two decimals
};
constexpr std::array<column_of, 22> kColumns = {{{"entered", &area_record::entered, 0},
                                                 {"left", &area_record::left, 0},
                                                 {"seen", &area_record::seen, 0},
                                                 {"sampled", &area_record::sampled_s, 0.03},
                                                 {"speed", &area_record::speed_mps, 0.011},
                                                 {"time loss", &area_record::time_loss_s, 0.02},
                                                 {"occupancy", &area_record::occupancy_pct, 0.011},
                                                 {"most occupancy", &area_record::most_occupancy_pct, 0.02},
                                                 {"vehicles", &area_record::vehicles, 0.011},
                                                 {"most vehicles", &area_record::most_vehicles, 0},
                                                 {"jam veh", &area_record::jam_veh, 0.011},
                                                 {"jam m", &area_record::jam_m, 0.02},
                                                 {"most jam veh", &area_record::most_jam_veh, 0},
                                                 {"most jam m", &area_record::most_jam_m, 0.02},
                                                 {"jam veh sum", &area_record::jam_veh_sum, 0},
                                                 {"jam m sum", &area_record::jam_m_sum, 1},
                                                 {"halts", &area_record::halts, 0},
                                                 {"halt", &area_record::halt_s, 0.011},
                                                 {"most halt", &area_record::most_halt_s, 0},
                                                 {"halt sum", &area_record::halt_sum_s, 0},
                                                 {"most halt here", &area_record::most_halt_here_s, 0},
                                                 {"halt here sum", &area_record::halt_here_sum_s, 0}}};

void check_same(area_record const& x, area_record const& y, std::string const& name) {
  INFO(name << ", interval " << x.begin_s << " to " << x.end_s);
  CHECK(y.begin_s == x.begin_s);
  CHECK(y.end_s == x.end_s);
  for (column_of const& c : kColumns) {
    double const a = static_cast<double>(x.*c.field), b = static_cast<double>(y.*c.field);
    INFO(c.name << ": SUMO " << a << ", tbb " << b);
    CHECK(std::isnan(a) == std::isnan(b));
    if (!std::isnan(a)) CHECK(b == Approx(a).margin(c.margin + 1e-5).epsilon(1e-5));
  }
}

// Every figure of every interval; returns the jammed vehicles seen, that a scene may show that it holds any.
double check_areas(scenario const& s, double interval_s = 100) {
  drive_options o = every(interval_s);
  o.frames = true;
  outcome const sumo = drive(s, o);
  o.make = make_engine_tbb;
  outcome const tbb = drive(s, o);
  REQUIRE(trajectories(sumo, s).size() == trajectories(tbb, s).size());
  REQUIRE(sumo.seen.areas.size() >= s.areas.size());
  REQUIRE(tbb.seen.areas.size() == sumo.seen.areas.size());
  auto const sorted = [](std::vector<area_record> r) {
    std::stable_sort(r.begin(), r.end(), [](auto const& a, auto const& b) {
      return a.area != b.area ? a.area < b.area : a.begin_s < b.begin_s;
    });
    return r;
  };
  std::vector<area_record> const x = sorted(sumo.seen.areas), y = sorted(tbb.seen.areas);
  double jammed = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    REQUIRE(x[i].area == y[i].area);
    check_same(x[i], y[i], s.areas[x[i].area.index()].name);
    jammed += static_cast<double>(x[i].jam_veh_sum);
  }
  return jammed;
}

}  // namespace

TEST_CASE("areas: queues at a red light, with halts that outlast an interval") {
  red_light t;
  watch(t, "AB_0", 300, 480);
  watch(t, "DB_0", 0, 140);
  watch(t, "AB_0", 470, 475);      // shorter than the way of a tick
  watch(t, "AB_0", 300, 480, 20);  // only who has stood for long is in a jam
  scenario const s = t.with();
  CHECK(check_areas(s) > 1000);
  CHECK(check_areas(s, 37) > 1000);
}

TEST_CASE("areas: vehicles come and go by changing lanes") {
  changes t;
  watch(t, "AB_0", 50, 400);
  watch(t, "AB_1", 50, 400);
  watch(t, "BC_1", 0, 480);
  (void)check_areas(t.with());
}

TEST_CASE("areas: over a junction, and left in its middle by who turns off") {
  minor_road t;
  watch(t, "AB_0 BC_0", 400, 100);
  watch(t, "CB_1 BA_1", 380, 60);
  watch(t, "DB_0", 20, 140);
  CHECK(check_areas(t.with()) > 100);
}

TEST_CASE("areas: where trips begin and end") {
  drawn_scenario t("A=========B=========C\n", 400);
  t.add_each("AB BC", 0, 5, 300);
  watch(t, "AB_0", 0, 60);
  watch(t, "BC_0", 300, 490);
  watch(t, "BC_1", 300, 490);
  (void)check_areas(t.with());
}

TEST_CASE("areas: the same values on any number of threads, and after a checkpoint") {
  red_light t;
  watch(t, "AB_0", 300, 480);
  watch(t, "DB_0 BC_0", 40, 100);
  scenario const s = t.with();
  drive_options o = every(100);
  o.run.emissions = false;
  o.make = make_engine_tbb;
  auto const sorted = [](observations const& seen) {
    std::vector<std::string> lines = lines_of(seen);
    std::sort(lines.begin(), lines.end());
    return lines;
  };
  std::vector<std::string> const one = sorted(drive(s, o).seen);
  for (std::size_t const threads : {2U, 5U}) {
    o.run.threads = threads;
    CHECK(sorted(drive(s, o).seen) == one);
  }
  o.run.threads = 1;
  snapshot saved;
  observations seen;
  {
    auto e = make_engine_tbb();
    e->load(s, o.run);
    for (int i = 0; i < 157; ++i) e->step();
    e->drain(seen);
    e->save(saved);
  }
  auto e = make_engine_tbb();
  e->load(s, o.run);
  e->restore(saved);
  append(seen, drive_loaded(*e, s, o).seen);
  observations last;
  e->finish();
  e->drain(last);
  append(seen, last);
  CHECK(sorted(seen) == one);
}

TEST_CASE("detectors: each closes its values at its own time, on both engines") {
  red_light t;
  watch(t, "AB_0", 300, 480);
  t.ready.areas.back().period_s = std::numeric_limits<double>::infinity();
  watch(t, "DB_0", 0, 140);
  t.ready.areas.back().period_s = 45;
  t.ready.detectors.push_back({.name = "often", .lane = t.lane("BC_0"), .pos_m = 60, .period_s = 20});
  t.ready.detectors.push_back({.name = "off the tick", .lane = t.lane("BC_0"), .pos_m = 60, .period_s = 20.5});
  t.ready.detectors.push_back({.name = "as the run", .lane = t.lane("BC_0"), .pos_m = 60});
  scenario const s = t.with();
  (void)check_areas(s, 100);
  drive_options o = every(100);
  outcome const sumo = drive(s, o);
  o.make = make_engine_tbb;
  outcome const tbb = drive(s, o);
  using row = std::tuple<std::uint32_t, double, double, float>;
  auto const rows = [](outcome const& from) {
    std::vector<row> out;
    for (detector_record const& d : from.seen.detectors)
      out.emplace_back(d.detector.value, d.begin_s, d.end_s, d.count);
    std::sort(out.begin(), out.end());
    return out;
  };
  CHECK(rows(tbb).size() > 20 + 4);
  CHECK(rows(tbb) == rows(sumo));
}
