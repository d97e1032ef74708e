// What traffic flow theory says of a road, a queue and a merge, held against both engines. Drivers are Krauss (1998)
// without dawdling, so that a road in equilibrium has the gap s = minGap + v tau between vehicles of length L, which
// gives the flow q = v / (L + s), the jam density 1 / (L + minGap), and the waves of Lighthill and Whitham (1955).
#include <fmt/core.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/cross_engine/compare.h"

using namespace gemeo;
using namespace gemeo::test;

namespace {

constexpr double kSpace_m = 7.5, kTau_s = 1, kSpeed_mps = 13.89;  // of the drawn scenarios' cars

double headway_s(double speed_mps) { return kTau_s + kSpace_m / speed_mps; }

// What a figure is on each engine.
template <typename F>
void on_both(scenario const& s, F const& check) {
  both const b(s);
  for (auto const& [name, run] : {std::pair{"sumo", &b.sumo}, {"tbb", &b.tbb}}) {
    INFO("engine " << name);
    check(*run);
  }
}

struct way_point {
  double time_s, way_m, speed_mps;
};

// Each vehicle's way from the begin of its route, in the order of departure.
std::vector<std::vector<way_point>> ways(outcome const& o, scenario const& s) {
  auto const places = trajectories(o, s);
  std::vector<std::vector<way_point>> out;
  for (std::uint64_t const key : s.travellers->vehicles.key) {
    auto const found = places.find(key);
    if (found == places.end()) continue;
    double begin_m = 0;
    std::vector<way_point> way;
    place const* last = nullptr;
    for (place const& p : found->second) {
      if (last != nullptr && last->lane != p.lane) {  // a lane passed within a tick lies between: by the way driven
        double const driven_m = p.speed_mps * (p.time_s - last->time_s);
        begin_m += last->pos_m + driven_m - p.pos_m;
      }
      way.push_back({p.time_s, begin_m + p.pos_m, p.speed_mps});
      last = &p;
    }
    out.push_back(std::move(way));
  }
  return out;
}

// When the vehicle passes a place, and how fast; -1: it does not.
way_point at(std::vector<way_point> const& way, double way_m) {
  for (std::size_t i = 1; i < way.size(); ++i) {
    if (way[i - 1].way_m > way_m || way[i].way_m <= way_m) continue;
    double const share = (way_m - way[i - 1].way_m) / (way[i].way_m - way[i - 1].way_m);
    return {way[i - 1].time_s + share * (way[i].time_s - way[i - 1].time_s), way_m, way[i].speed_mps};
  }
  return {-1, way_m, 0};
}

double slope(std::vector<std::pair<double, double>> const& points) {  // least squares
  double const n = static_cast<double>(points.size());
  double x = 0, y = 0, xx = 0, xy = 0;
  for (auto const& [a, b] : points) {
    x += a;
    y += b;
    xx += a * a;
    xy += a * b;
  }
  return (n * xy - x * y) / (n * xx - x * x);
}

struct signalled : drawn_scenario {
  explicit signalled(double every_s)
      : drawn_scenario("A---------B---------C\n          |\n          |\n          D\n", 600, {.signals = "B"}) {
    add_each("AB BC", 0, every_s, 500);
  }
};

double arrived(outcome const& o) { return static_cast<double>(o.total.arrived); }

}  // namespace

TEST_CASE("theory: behind a slow leader, gaps and flow are those of the fundamental diagram") {
  double const v = GENERATE(2.0, 5.0, 9.0, 12.0);
  INFO("leader at " << v << " m/s");
  drawn_scenario t("A---------B---------C---------D\n", 1500 / v);
  for (vehicle_type& type : t.who.types.raw()) {
    if (type.name == "lorry") type.max_speed_mps = v;
  }
  t.add("AB BC CD", 0, "lorry");
  t.add_each("AB BC CD", 2, 2, 20);
  on_both(t.with(), [&](outcome const& o) {
    auto const all = ways(o, t.with());
    REQUIRE(all.size() > 5);
    double const place_m = 1300;
    double before_s = at(all[1], place_m).time_s;
    for (std::size_t i = 2; i < 5; ++i) {
      way_point const p = at(all[i], place_m);
      REQUIRE(p.time_s > 0);
      CHECK(p.speed_mps == Approx(v).epsilon(0.01));
      CHECK(p.time_s - before_s == Approx(headway_s(v)).epsilon(0.01));
      before_s = p.time_s;
    }
  });
}

TEST_CASE("theory: saturation flow at a signal, from the fifth vehicle on (HCM 2010, chapter 31)") {
  signalled t(1);
  scenario const s = t.with();
  double const line_m = s.net->lanes.length_m[t.lane("AB_0")];
  on_both(s, [&](outcome const& o) {
    std::vector<way_point> passed;
    for (auto const& way : ways(o, s)) {
      if (way_point const p = at(way, line_m); p.time_s >= 0) passed.push_back(p);
    }
    double measured_s = 0, expected_s = 0;
    std::size_t since_red = 0, n = 0;
    for (std::size_t i = 1; i < passed.size(); ++i) {
      double const h = passed[i].time_s - passed[i - 1].time_s;
      since_red = h > 6 ? 0 : since_red + 1;
      if (since_red < 5 || passed[i].time_s < 100) continue;  // before, there is no queue yet
      measured_s += h;
      expected_s += headway_s(passed[i].speed_mps);
      ++n;
    }
    REQUIRE(n > 20);
    INFO(fmt::format("{:.0f} veh/h", 3600 * static_cast<double>(n) / measured_s));
    CHECK(measured_s == Approx(expected_s).epsilon(0.05));
  });
}

TEST_CASE("theory: a queue grows by the wave between arriving and standing traffic, and starts by that of tau") {
  double const every_s = 4;
  signalled t(every_s);
  scenario const s = t.with();
  double const line_m = s.net->lanes.length_m[t.lane("AB_0")];
  double const flow = 1 / every_s, arriving = flow / kSpeed_mps, jam = 1 / kSpace_m;
  on_both(s, [&](outcome const& o) {
    std::vector<std::vector<std::pair<double, double>>> stops(1), starts(1);  // of each red: place against time
    for (auto const& way : ways(o, s)) {
      way_point const *stop = nullptr, *start = nullptr;
      for (way_point const& p : way) {
        if (p.way_m > line_m) break;
        if (p.speed_mps < 0.1 && p.way_m > 20 && stop == nullptr) stop = &p;
        if (stop != nullptr && start == nullptr && p.speed_mps > 0.1) start = &p;
      }
      if (stop == nullptr || start == nullptr) continue;
      if (!stops.back().empty() && stop->time_s - stops.back().back().first > 20) {
        stops.emplace_back();
        starts.emplace_back();
      }
      stops.back().emplace_back(stop->time_s, stop->way_m);
      starts.back().emplace_back(start->time_s, stop->way_m);
    }
    std::size_t seen = 0;
    for (std::size_t i = 0; i < stops.size(); ++i) {
      if (stops[i].size() < 5) continue;
      ++seen;
      CHECK(slope(stops[i]) == Approx(-flow / (jam - arriving)).epsilon(0.05));
      CHECK(slope(starts[i]) == Approx(-kSpace_m / kTau_s).epsilon(0.10));
    }
    CHECK(seen >= 2);
  });
}

TEST_CASE("theory: no more than a lane's capacity leaves a merge, and as much on both engines") {
  drawn_scenario t("A======B------C\n", 600);
  t.add_each("AB BC", 0, 1, 590);
  t.add_each("AB BC", 0.5, 1, 590);
  both const b(t.with());
  double const capacity = 600 / headway_s(kSpeed_mps);
  CHECK(arrived(b.tbb) < capacity);
  CHECK(arrived(b.tbb) > 0.6 * capacity);
  CHECK(arrived(b.tbb) == Approx(arrived(b.sumo)).epsilon(0.02));
}

TEST_CASE("theory: a minor road's capacity falls with the flow that it gives way to, and alike on both engines") {
  std::vector<double> capacity;
  for (double const every_s : {15.0, 7.0, 4.0, 2.5}) {
    INFO("major flow: a vehicle each " << every_s << " s");
    drawn_scenario t("A---------B---------C\n          |\n          |\n          D\n", 900);
    t.add_each("AB BC", 0, every_s, 890);
    t.add_each("DB BC", 0, 2, 890);
    scenario const s = t.with();
    both const b(s);
    std::vector<double> from_minor;
    for (outcome const* const o : {&b.sumo, &b.tbb}) {
      double n = 0;
      for (trip_record const& r : o->seen.trips) {
        range const route = s.travellers->routes[s.travellers->vehicles.route[r.vehicle]];
        if (r.state == trip_state::kArrived && s.travellers->route_edges[route.begin] == t.edge("DB")) ++n;
      }
      from_minor.push_back(n);
    }
    CHECK(from_minor[1] == Approx(from_minor[0]).epsilon(0.02).margin(2));
    capacity.push_back(from_minor[1]);
  }
  CHECK(std::is_sorted(capacity.rbegin(), capacity.rend()));
  CHECK(capacity.front() > 1.5 * capacity.back());
}

TEST_CASE("theory: a roundabout's entry takes less the more goes round, and alike on both engines") {
  std::vector<double> entered;
  for (double const every_s : {12.0, 5.0, 3.0}) {
    INFO("circulating: a vehicle each " << every_s << " s");
    ring_of_one_lane t(900);
    t.add_each("CU UR RQ QP PS SB", 0, every_s, 890);
    t.add_each("AQ QP PS SB", 0, 2, 890);
    both const b(t.with());
    CHECK(arrived(b.tbb) == Approx(arrived(b.sumo)).epsilon(0.02));
    entered.push_back(arrived(b.tbb) - 890 / every_s);
  }
  CHECK(std::is_sorted(entered.rbegin(), entered.rend()));
}
